/** The images that the pods of a cluster run, made of programs of this machine: no registry is asked. */
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { $ } from '../../hosts/command/zx.ts'
import { installConfProgram } from '../../setup/flannel-pods.js'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { commandPath } from '../../setup/search-path.js'
import type { FlanneldBinary } from '../daemons/flanneld.ts'
import { filesOfPrograms } from '../daemons/program-files.ts'
import { LabError } from '../lab-error.ts'
import { type Manifested, manifestObjects } from './manifest.ts'

/** What a sandbox runs, and the lab's own pods; both have a shell. */
export const PAUSE_IMAGE = 'registry.k8s.io/pause:lab'
export const POD_IMAGE = 'docker.io/library/busybox:lab'

/** What flannel's own image has beside flanneld and a busybox. */
const PROGRAMS = [
  ...['ip', 'bridge', 'nft', 'iptables', 'iptables-save', 'iptables-restore'],
  ...['ip6tables', 'ip6tables-save', 'ip6tables-restore'],
]
const FOLDERS = ['bin', 'dev', 'etc', 'opt/bin', 'proc', 'run', 'sys', 'tmp', 'usr/busybox', 'var']
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/busybox'
/** Where init containers of the manifests copy from: the plugin, and since v0.28.6 the program that writes its configuration. */
const PLUGIN = 'flannel'
const INSTALL_CONF = '/opt/bin/install-conf'

async function must(words: readonly string[]): Promise<string> {
  const { ok, stdout, stderr } = await $`${words}`
  if (!ok) throw new LabError('failed', `an image cannot be made: ${stderr.trim().split('\n').at(-1)}`)
  return stdout
}

function neededPath(command: string): string {
  const path = commandPath(command)
  if (path === undefined)
    throw new LabError('missing', `a cluster needs ${command} for the images of its pods`)
  return path
}

/** What starts programs: busybox's own would run its applets in their place, and its ip lists no veth and no vxlan. */
const STARTERS = ['dash', 'env', 'timeout', 'nsenter', 'setsid', 'xargs', 'nice']
export const shellOfPrograms = (): string => neededPath('dash')

/** Those programs of this machine with what starts them, and every file that they and `other` open. */
export async function programFiles(commands: readonly string[], other: string): Promise<readonly string[]> {
  const programs = [...STARTERS, ...commands].map(neededPath)
  return [...new Set([...programs, ...(await filesOfPrograms([...programs, other]))])]
}

/** Folders, and busybox with the names that it has for its parts. */
export async function layBase(root: string, shell = '/usr/busybox/busybox'): Promise<void> {
  for (const folder of FOLDERS) mkdirSync(`${root}/${folder}`, { recursive: true })
  const busybox = neededPath('busybox')
  copyFileSync(busybox, `${root}/usr/busybox/busybox`)
  const applets = (await must([busybox, '--list'])).trim().split('\n')
  for (const name of applets.filter((one) => one !== 'busybox'))
    symlinkSync('busybox', `${root}/usr/busybox/${name}`)
  symlinkSync(shell, `${root}/bin/sh`)
}

/** An image of one layer, as `docker save` writes it, under those names. `files` of this machine keep their paths. */
export async function writeImage(
  directory: string,
  { names, files }: { readonly names: readonly string[]; readonly files: readonly string[] },
): Promise<string> {
  const [root, image, archive] = [`${directory}/root`, `${directory}/image`, `${directory}/image.tar`]
  mkdirSync(image, { recursive: true })
  const layer = `${image}/layer.tar`
  await must(['tar', '-C', root, '-cf', layer, '.'])
  if (files.length > 0) await must(['tar', '-C', '/', '-rhf', layer, ...files.map((file) => file.slice(1))])
  const hash = createHash('sha256').update(readFileSync(layer)).digest('hex')
  const config = {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Cmd: ['sleep', '1000000000'], Env: [`PATH=${PATH}`] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hash}`] },
  }
  writeFileSync(`${image}/config.json`, JSON.stringify(config))
  writeFileSync(
    `${image}/manifest.json`,
    JSON.stringify([{ Config: 'config.json', RepoTags: names, Layers: ['layer.tar'] }]),
  )
  await must(['tar', '-C', image, '-cf', archive, '.'])
  return archive
}

interface PodTemplate extends Manifested {
  readonly spec?: {
    readonly template?: {
      readonly spec?: Partial<Record<'initContainers' | 'containers', readonly { readonly image: string }[]>>
    }
  }
}

/** Names of the images that the pods of a DaemonSet run. */
function imagesOf(object: PodTemplate): readonly string[] {
  const { initContainers = [], containers = [] } = object.spec?.template?.spec ?? {}
  return object.kind === 'DaemonSet' ? [...initContainers, ...containers].map(({ image }) => image) : []
}

/** The program of that version that its pods write the CNI configuration with, built where it is not there; older ones copy it. */
export async function installConfOf(version: string): Promise<string | undefined> {
  const text = JSON.stringify(await manifestObjects(version))
  return text.includes(INSTALL_CONF) ? installConfProgram(version) : undefined
}

/** flannel's image under every name that its manifest has for it and for the one with its plugin. */
async function writeFlannelImage(directory: string, flanneld: FlanneldBinary): Promise<string> {
  const objects = await manifestObjects(flanneld.version)
  const root = `${directory}/root`
  await layBase(root, shellOfPrograms())
  copyFileSync(flanneld.path, `${root}/opt/bin/flanneld`)
  copyFileSync(`${kubernetesPrograms().plugins}/${PLUGIN}`, `${root}/${PLUGIN}`)
  const installConf = await installConfOf(flanneld.version)
  if (installConf !== undefined) copyFileSync(installConf, `${root}${INSTALL_CONF}`)
  return writeImage(directory, {
    names: [...new Set(objects.flatMap(imagesOf))],
    files: await programFiles(PROGRAMS, flanneld.path),
  })
}

async function writePodImage(directory: string): Promise<string> {
  await layBase(`${directory}/root`)
  return writeImage(directory, { names: [PAUSE_IMAGE, POD_IMAGE], files: [] })
}

/** Archives for every node to import. */
export function writeImages(directory: string, flanneld: FlanneldBinary): Promise<readonly string[]> {
  return Promise.all([writePodImage(`${directory}/pod`), writeFlannelImage(`${directory}/flannel`, flanneld)])
}
