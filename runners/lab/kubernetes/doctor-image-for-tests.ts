/** The image of the manifests, made of this checkout: what `docker build` makes of the package where there is a registry. */
import { chmodSync, copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../dev/installed-package.ts'
import { run } from '../../hosts/command/spawn.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { layBase, programFiles, shellOfPrograms, writeImage } from './images.ts'

export const DOCTOR_IMAGE = { name: 'docker.io/library/flannel-doctor', tag: 'lab' }

/** Of what its base has, and its Dockerfile installs beside the package. */
const PROGRAMS = [
  ...['awk', 'bash', 'cat', 'grep', 'head', 'readlink', 'sed', 'sleep', 'sort', 'stat', 'tr'],
  ...['ip', 'bridge', 'nft', 'iptables', 'iptables-save', 'iptables-legacy-save', 'ip6tables-save'],
  ...['lsns', 'ping', 'tcpdump', 'ethtool', 'sysctl'],
]
const HOME = 'opt/flannel-doctor'
const BUILD_MS = 300_000

const writeArchive = async (directory: string, other: string): Promise<string> =>
  writeImage(directory, {
    names: [`${DOCTOR_IMAGE.name}:${DOCTOR_IMAGE.tag}`],
    files: await programFiles(PROGRAMS, other),
  })

/** As its base has them; tcpdump becomes the second one. */
const USERS = 'root:x:0:0::/:/bin/sh\ntcpdump:x:100:100::/:/bin/false\n'

async function layPrograms(root: string): Promise<void> {
  await layBase(root, shellOfPrograms())
  writeFileSync(`${root}/etc/passwd`, USERS)
}

/** An archive for nodes to import, of what is run by `kubectl exec`: all but flannel-doctor itself. */
export async function writeEntryImage(directory: string): Promise<string> {
  await layPrograms(`${directory}/root`)
  return writeArchive(directory, shellOfPrograms())
}

/** An archive for nodes to import. */
export async function writeDoctorImage(directory: string): Promise<string> {
  const root = `${directory}/root`
  await layPrograms(root)
  const bin = `${root}/usr/bin`
  mkdirSync(bin, { recursive: true })
  copyFileSync(process.execPath, `${bin}/node`)
  copyFileSync(kubernetesPrograms().cluster('kubectl'), `${bin}/kubectl`)
  writeFileSync(`${bin}/flannel-doctor`, `#!/bin/sh\nexec node /${HOME}/runners/bin.js "$@"\n`)
  chmodSync(`${bin}/flannel-doctor`, 0o755)
  for (const part of ['package.json', 'runners/bin.js', 'runners/setup'])
    cpSync(join(ROOT, part), `${root}/${HOME}/${part}`, { recursive: true })
  const build = [process.execPath, join(ROOT, 'runners/dev/build-dist.ts'), `${root}/${HOME}/dist`]
  const { end, stderr } = await run(build, { timeoutMs: BUILD_MS })
  if (!('exit' in end) || end.exit !== 0) throw new Error(stderr)
  return writeArchive(directory, process.execPath)
}
