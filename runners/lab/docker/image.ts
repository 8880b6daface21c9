/** The image of a docker lab, made of this machine's own programs: it needs no registry. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { $ } from '../../hosts/command/zx.ts'
import { commandPath } from '../../setup/search-path.js'
import { askEngine } from '../daemons/engine-api.ts'
import { filesOfPrograms } from '../daemons/program-files.ts'
import { askSocket } from '../daemons/socket-http.ts'
import { LabError } from '../lab-error.ts'

export const IMAGE_NAME = 'flannel-doctor-lab'

/** Without these there is no host; with the Debian package that has each. */
const NEEDED: readonly (readonly [string, string])[] = [
  ['dash', 'dash'],
  ['busybox', 'busybox-static'],
  ['ip', 'iproute2'],
  ['bridge', 'iproute2'],
  ['nsenter', 'util-linux'],
  ['sysctl', 'procps'],
  ['iptables', 'iptables'],
  ['iptables-save', 'iptables'],
  ['iptables-restore', 'iptables'],
  ['ping', 'iputils-ping'],
  ['etcd', 'etcd-server'],
]

/** Taken along where the machine has them; busybox has a short form of most. */
const WELCOME = [
  ...['iptables-legacy', 'iptables-legacy-save', 'ip6tables', 'ip6tables-save', 'ip6tables-restore', 'nft'],
  ...['tc', 'tcpdump', 'ethtool', 'lsns', 'unshare', 'ps', 'mount', 'umount', 'etcdctl', 'curl', 'timeout'],
  ...['env', 'cat', 'tr', 'id', 'stat', 'uname', 'date', 'ls', 'grep', 'sed', 'kill', 'sort', 'head', 'tail'],
]

/** busybox comes last: its ip and ping print another form. */
const APPLETS = '/usr/share/applets'
const PATH = `/usr/sbin:/usr/bin:/sbin:/bin:${APPLETS}`
const DIRECTORIES = ['bin', 'dev', 'etc', 'proc', 'root', 'run', 'sys', 'tmp', 'var/run', APPLETS.slice(1)]
const ACCOUNTS = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\ntcpdump:x:999:999::/:/bin/sh\n',
  'etc/group': 'root:x:0:\n',
}

const IMPORT_MS = 120_000

function neededPath([command, debianPackage]: readonly [string, string]): string {
  const path = commandPath(command)
  if (path !== undefined) return path
  throw new LabError(
    'missing',
    `the image of a docker lab needs ${command} (Debian package ${debianPackage})`,
  )
}

/** Every file of this machine that goes into the image. */
async function filesOfImage(flanneld: string): Promise<readonly string[]> {
  const welcome = WELCOME.map((command) => commandPath(command)).filter((path) => path !== undefined)
  const programs = [...NEEDED.map(neededPath), ...welcome]
  return [...new Set([...programs, ...(await filesOfPrograms([...programs, flanneld]))])].sort()
}

function contentHash(files: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([files, PATH, ACCOUNTS]))
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

/** What is not copied: directories, accounts, and the names busybox has for its parts. */
async function writeSkeleton(root: string): Promise<void> {
  for (const directory of DIRECTORIES) mkdirSync(`${root}/${directory}`, { recursive: true })
  for (const [file, text] of Object.entries(ACCOUNTS)) writeFileSync(`${root}/${file}`, text)
  symlinkSync(neededPath(['dash', 'dash']), `${root}/bin/sh`)
  const busybox = neededPath(['busybox', 'busybox-static'])
  const { stdout } = await $`${busybox} --list`
  for (const applet of stdout.trim().split('\n')) symlinkSync(busybox, `${root}${APPLETS}/${applet}`)
}

async function writeArchive(directory: string, files: readonly string[]): Promise<string> {
  const root = `${directory}/root`
  const archive = `${directory}/root.tar`
  await writeSkeleton(root)
  const { ok, stderr } = await $`
    tar -C ${root} -cf ${archive} .
    tar -C / -rhf ${archive} ${files.map((file) => file.slice(1))}`
  if (!ok)
    throw new LabError('failed', `cannot make the image of the lab: ${stderr.trim().split('\n').at(-1)}`)
  return archive
}

async function importArchive(socket: string, archive: string, tag: string): Promise<void> {
  const changes = [`ENV PATH=${PATH}`, `LABEL ${IMAGE_NAME}=${tag}`].map(
    (line) => `&changes=${encodeURIComponent(line)}`,
  )
  const path = `/images/create?fromSrc=-&repo=${IMAGE_NAME}&tag=${tag}${changes.join('')}`
  const body = readFileSync(archive)
  const contentType = 'application/x-tar'
  const said = await askEngine(socket, { method: 'POST', path, body, contentType, timeoutMs: IMPORT_MS })
  // The answer begins before the import does, so a failure comes as its last line.
  const failure = /"error":"((?:[^"\\]|\\.)*)"/.exec(said)?.[1]
  if (failure !== undefined)
    throw new LabError('failed', `Docker cannot take the image of the lab: ${failure}`)
}

/** True when the engine has an image of that name. */
export async function hasImage(socket: string, name: string): Promise<boolean> {
  const path = `/images/${encodeURIComponent(name)}/json`
  return (await askSocket(socket, { method: 'GET', path, timeoutMs: 30_000 })).status === 200
}

/**
 * Name of an image made of this machine's programs; made and imported when the engine does not have it yet. Its
 * tag is a hash of all its files, so that one image serves every lab until a program changes.
 */
export async function ownImage(socket: string, directory: string, flanneld: string): Promise<string> {
  const files = await filesOfImage(flanneld)
  const tag = contentHash(files)
  const name = `${IMAGE_NAME}:${tag}`
  if (!(await hasImage(socket, name))) await importArchive(socket, await writeArchive(directory, files), tag)
  return name
}
