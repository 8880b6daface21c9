/** A Debian 12 root file system with nothing in it but Debian's essential packages, apt, Node, npm and Go. */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { present } from '../../../checks/model/present.ts'
import { run } from '../../hosts/command/spawn.ts'
import { commandPath } from '../../setup/search-path.js'

const SUITE = 'bookworm'
/** Neither the language nor the numbers of the C locale; its messages are translated in coreutils, ping and git. */
const LOCALE = 'de_DE.UTF-8'
const MINUTE = 60_000

/** Runs one command to its end; anything but status 0 is an error with its last words. */
export async function must(
  argv: readonly string[],
  { timeoutMs = 5 * MINUTE, stdin }: { readonly timeoutMs?: number; readonly stdin?: string } = {},
): Promise<string> {
  const { end, stdout, stderr } = await run(argv, { timeoutMs, ...present({ stdin }) })
  if ('exit' in end && end.exit === 0) return stdout.toString()
  throw new Error(`${argv[0]} ended with ${JSON.stringify(end)}: ${stderr.trim().slice(-600)}`)
}

/** The archive of a bare Debian, made once with mmdebstrap and kept outside the checkout. */
export async function bareDebian(log: (line: string) => void): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'flannel-doctor', 'fresh')
  const archive = join(cache, `${SUITE}.tar`)
  if (existsSync(archive)) return archive
  if (commandPath('mmdebstrap') === undefined) {
    throw new Error('a root file system is made with mmdebstrap: apt-get install mmdebstrap')
  }
  log(`making a bare Debian (${SUITE}) with mmdebstrap, once; one to two minutes`)
  mkdirSync(cache, { recursive: true })
  const made = join(cache, `${process.pid}.tar`)
  const makeLocale = `chroot "$1" localedef -i ${LOCALE.split('.')[0]} -f UTF-8 ${LOCALE}`
  const options = ['--variant=apt', '--include=locales', `--customize-hook=${makeLocale}`]
  await must(['mmdebstrap', '--quiet', ...options, SUITE, made], { timeoutMs: 15 * MINUTE })
  renameSync(made, archive)
  return archive
}

/** Node and npm as this machine has them, the packages' own left out. */
async function copyNode(root: string): Promise<void> {
  const node = commandPath('node')
  const npm = commandPath('npm')
  if (node === undefined || npm === undefined) throw new Error('node and npm are not in the search path')
  const npmFolder = dirname(dirname(await realpath(npm))) // …/npm/bin/npm-cli.js
  const modules = join(root, 'usr/local/lib/node_modules')
  mkdirSync(modules, { recursive: true })
  await must(['cp', await realpath(node), join(root, 'usr/local/bin/node')])
  await must(['cp', '-r', npmFolder, join(modules, 'npm')])
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name))
  }
}

/** Where the Go toolchain of this machine is. */
export async function goHere(): Promise<string> {
  return (await must(['go', 'env', 'GOROOT'])).trim()
}

/** Authorities that this machine is told to trust (it is behind a proxy that ends TLS); no file where there are none. */
async function copyAuthorities(root: string): Promise<void> {
  const file = process.env.SSL_CERT_FILE ?? process.env.NODE_EXTRA_CA_CERTS
  if (file !== undefined) writeFileSync(join(root, AUTHORITIES), await readFile(file))
}
const AUTHORITIES = 'etc/authorities-of-the-proxy.pem'

/** What the commands find in their environment: of ours only how registries are reached. */
export function environment(root: string): Readonly<Record<string, string>> {
  const reach = /^((https?|no|all)_proxy|npm_config_registry|GOPROXY|GOSUMDB|GONOSUMDB|GOFLAGS)$/i
  const kept = Object.entries(process.env).filter(([name]) => reach.test(name)) as [string, string][]
  const trusted = existsSync(join(root, AUTHORITIES))
    ? { SSL_CERT_FILE: `/${AUTHORITIES}`, NODE_EXTRA_CA_CERTS: `/${AUTHORITIES}` }
    : {}
  return {
    ...Object.fromEntries(kept),
    ...trusted,
    HOME: '/root',
    PATH: '/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: LOCALE,
    LC_ALL: LOCALE,
    TZ: 'Asia/Kathmandu',
  }
}

/** Unpacks a bare Debian into an empty folder; it resolves names as this machine does. */
export async function unpackDebian(root: string, log: (line: string) => void): Promise<void> {
  const archive = await bareDebian(log)
  mkdirSync(root, { recursive: true })
  await must(['tar', '-xpf', archive, '-C', root, '--numeric-owner'])
  chmodSync(root, 0o755)
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost fresh\n::1 localhost\n')
  rmSync(join(root, 'etc/resolv.conf'), { force: true })
  writeFileSync(join(root, 'etc/resolv.conf'), await readFile('/etc/resolv.conf'))
}

/** Unpacks it and puts this machine's toolchains into it. */
export async function makeRoot(root: string, log: (line: string) => void): Promise<void> {
  await unpackDebian(root, log)
  mkdirSync(join(root, 'usr/local/go'), { recursive: true })
  await copyNode(root)
  await copyAuthorities(root)
}
