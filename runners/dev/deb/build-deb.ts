/**
 * `npm run deb [-- FILE]`: a package of Debian with the npm package, a Node of its own (stable releases have an older
 * one), systemd's units, manual page and completions, put together by Debian's own dpkg-deb; zstd is read since Debian 12
 * and takes seconds. `dist` must be built.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { installedFiles, nodeBinary, ROOT } from '../installed-package.ts'
import { must } from '../npm-tarball-for-tests.ts'

if (!existsSync(join(ROOT, 'dist/share'))) {
  process.stderr.write('no dist/share here: run "npm run build" first\n')
  process.exit(2)
}

const ARCHITECTURES: Partial<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
const SCRIPTS = fileURLToPath(new URL('scripts/', import.meta.url))
const HOME = 'usr/lib/flannel-doctor'
const COMMAND = `#!/bin/sh
exec /${HOME}/node /${HOME}/node_modules/flannel-doctor/runners/bin.js "$@"
`
/** What lies in a folder of the checkout and where Debian looks for it. */
const SHARED = [
  ['dist/share/flannel-doctor.bash', 'usr/share/bash-completion/completions/flannel-doctor'],
  ['dist/share/_flannel-doctor', 'usr/share/zsh/vendor-completions/_flannel-doctor'],
  ['dist/share/flannel-doctor.fish', 'usr/share/fish/vendor_completions.d/flannel-doctor.fish'],
  ['runners/dev/deb/lintian-overrides', 'usr/share/lintian/overrides/flannel-doctor'],
  ['dist/docs/handbook.html', 'usr/share/doc/flannel-doctor/handbook.html'],
  ...readdirSync(join(ROOT, 'runners/systemd'))
    .filter((name) => /\.(service|timer)$/.test(name))
    .map((name) => [`runners/systemd/${name}`, `usr/lib/systemd/system/${name}`] as const),
] as const
const COMPRESSED = [
  ['dist/share/flannel-doctor.1', 'usr/share/man/man1/flannel-doctor.1.gz'],
  ['CHANGELOG.md', 'usr/share/doc/flannel-doctor/CHANGELOG.md.gz'],
] as const

const read = (path: string): Buffer => readFileSync(join(ROOT, path))
const { version, description } = JSON.parse(read('package.json').toString()) as {
  readonly version: string
  readonly description: string
}
const architecture = ARCHITECTURES[process.arch]
if (architecture === undefined) throw new Error(`no architecture of Debian is known for ${process.arch}`)
const target = resolve(process.argv[2] ?? join(ROOT, `dist/flannel-doctor_${version}_${architecture}.deb`))

const MAINTAINER = 'flannel-doctor maintainers <flannel-doctor@users.noreply.github.com>'

const control = (kib: number): string => `Package: flannel-doctor
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Section: net
Priority: optional
Installed-Size: ${kib}
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 9), iproute2
Recommends: iptables | nftables, iputils-ping, tcpdump
Suggests: openssh-client, iperf3
Description: ${description.charAt(0).toLowerCase()}${description.slice(1)}
 Compares what flanneld should have written on every host with the kernel, the
 container bridge and Docker, and says why a container cannot be reached.
 .
 It brings a Node of its own below /${HOME}.
`

const COPYRIGHT = `Copyright 2026 the flannel-doctor maintainers

flannel-doctor is under the Apache License, version 2.0
(/usr/share/common-licenses/Apache-2.0). It holds code of other packages, whose
licences are in
/${HOME}/node_modules/flannel-doctor/dist/LICENCES-OF-PACKAGES.txt,
and Node, whose licences are in /${HOME}/LICENSE.
`

/** What happened is told by CHANGELOG.md; Debian asks for a form of its own. */
const changelog = (): string => `flannel-doctor (${version}) unstable; urgency=medium

  * CHANGELOG.md.gz says what is new.

 -- ${MAINTAINER}  ${new Date().toUTCString().replace('GMT', '+0000')}
`

const work = mkdtempSync(join(tmpdir(), 'flannel-doctor-deb-'))
const [root, made] = [join(work, 'root'), join(work, 'made.deb')]
let bytes = 0

/** A file of the package; the mask of whoever builds it counts for nothing. */
function put(path: string, content: Uint8Array | string, mode = 0o644): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content, { mode })
  bytes += content.length
}

process.umask(0o022)
try {
  for (const [path, { content, mode }] of installedFiles())
    put(join(HOME, path), content, (mode & 0o100) === 0 ? 0o644 : 0o755)
  put(join(HOME, 'node'), readFileSync(nodeBinary()), 0o755)
  put('usr/bin/flannel-doctor', COMMAND, 0o755)
  for (const [from, to] of SHARED) put(to, read(from))
  for (const [from, to] of COMPRESSED) put(to, gzipSync(read(from), { level: 9 }))
  put('usr/share/doc/flannel-doctor/copyright', COPYRIGHT)
  put('usr/share/doc/flannel-doctor/changelog.gz', gzipSync(changelog(), { level: 9 }))
  put(join(HOME, 'LICENSE'), readFileSync(join(dirname(nodeBinary()), '../LICENSE')))
  for (const name of readdirSync(SCRIPTS)) put(`DEBIAN/${name}`, readFileSync(join(SCRIPTS, name)), 0o755)
  put('DEBIAN/control', control(Math.ceil(bytes / 1024)))
  await must(['chmod', '0755', root])
  await must(['dpkg-deb', '--root-owner-group', '-Zzstd', '-z10', '--build', root, made])
  copyFileSync(made, target)
  const mib = (length: number): string => (length / 1024 / 1024).toFixed(1)
  process.stdout.write(`${target}: ${mib(readFileSync(target).length)} MiB, installed ${mib(bytes)}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
