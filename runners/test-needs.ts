/**
 * What a test needs of the machine, probed cheaply. A test whose need is missing is registered as
 * skipped with the reason in its title; with CI=true it is registered as failing, so that a
 * continuous run never passes by not testing.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ImplementationFn } from 'ava'
import { cachedDockerScript, cachedFlanneld, DEFAULT_VERSION } from './setup/flanneld.js'
import { hasKubernetes } from './setup/kubernetes.js'
import { commandPath } from './setup/search-path.js'

export type Need =
  | 'root'
  | 'netns'
  | 'etcd'
  | 'openssl'
  | 'flanneld'
  | 'mk-docker-opts'
  | 'docker'
  | 'iperf3'
  | 'sshd'
  | 'sudo'
  | 'tshark'
  | 'node'
  | 'dash'
  | 'bash'
  | 'zsh'
  | 'fish'
  | 'groff'
  | 'kubernetes'
  | 'busybox'
  | 'perl'
  | 'python3'
  | 'nobody'
  | 'chromium'
  | 'openmetrics-parser'
  | 'monitoring-plugin'

/** Begins a command of root's that runs as `nobody`. */
export const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const

/** Bits of capabilities(7) that a network lab uses. */
const CAP_NET_ADMIN = 12n
const CAP_SYS_ADMIN = 21n

/** `test` or `test.serial` of AVA. */
export interface Registers<Context> {
  (title: string, implementation: ImplementationFn<[], Context>): void
  skip(title: string, implementation: ImplementationFn<[], Context>): void
}

function missingCommand(...names: readonly string[]): string | undefined {
  const missing = names.filter((name) => commandPath(name) === undefined)
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed`
}

function missingFile(path: string): string | undefined {
  return existsSync(path) ? undefined : `no ${path}`
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function hasCapability(bit: bigint): boolean {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return ((BigInt(`0x${line?.[1] ?? '0'}`) >> bit) & 1n) === 1n
}

function missingNetns(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  if (!isRoot()) return 'not root'
  if (!hasCapability(CAP_SYS_ADMIN) || !hasCapability(CAP_NET_ADMIN)) {
    return 'network namespaces not permitted'
  }
  return missingCommand('ip', 'nsenter', 'unshare')
}

/** Both versions that labs run, each where the set-up puts it. */
function missingFlanneld(): string | undefined {
  const missing = Object.values(DEFAULT_VERSION).filter((version) => !existsSync(cachedFlanneld(version)))
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed`
}

/** Another user must be able to enter the checkout and run its Node; one made under umask 077 lets nobody in. */
function missingNobody(): string | undefined {
  const { execPath } = process
  const others = (path: string, bits: number): boolean => (statSync(path).mode & bits) === bits
  const folders = [import.meta.dirname, dirname(execPath)].flatMap((folder) =>
    folder.split('/').map((_, index, names) => names.slice(0, index + 1).join('/') || '/'),
  )
  const closed = folders.find((folder) => !others(folder, 0o1))
  if (closed !== undefined) return `${closed} is closed to other users`
  return others(execPath, 0o1) && others(import.meta.filename, 0o4)
    ? undefined
    : 'other users cannot read the checkout'
}

/** Why a need is missing, or undefined when it is there. */
const PROBES: Readonly<Record<Need, () => string | undefined>> = {
  root: () => (isRoot() ? undefined : 'not root'),
  netns: missingNetns,
  etcd: () => missingCommand('etcd'),
  openssl: () => missingCommand('openssl'),
  flanneld: missingFlanneld,
  'mk-docker-opts': () =>
    existsSync(cachedDockerScript(DEFAULT_VERSION.v3)) ? undefined : 'not fetched with flannel',
  docker: () => missingNetns() ?? missingCommand('dockerd', 'docker'),
  iperf3: () => missingCommand('iperf3', 'ping', 'timeout'),
  chromium: () => missingCommand('chromium'),
  'openmetrics-parser': () =>
    missingFile('/usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py'),
  'monitoring-plugin': () => missingFile('/usr/share/perl5/Monitoring/Plugin/Performance.pm'),
  sshd: () => missingNetns() ?? missingCommand('ssh', 'sshd', 'busybox'),
  sudo: () => missingCommand('sudo'),
  tshark: () => missingCommand('tshark'),
  node: () => missingCommand('node'),
  dash: () => missingCommand('dash'),
  bash: () => missingCommand('bash'),
  zsh: () => missingCommand('zsh'),
  fish: () => missingCommand('fish'),
  groff: () => missingCommand('groff'),
  kubernetes: () => (hasKubernetes() ? undefined : 'not built (npm run test:kubernetes builds it)'),
  busybox: () => missingCommand('busybox'),
  perl: () => missingCommand('perl'),
  python3: () => missingCommand('python3'),
  nobody: missingNobody,
}

/** The reason in words of every missing need, as in `needs root: not root`; undefined when all are there. */
export function missingNeeds(names: readonly Need[]): string | undefined {
  const missing = names.flatMap((name) => {
    const why = PROBES[name]()
    return why === undefined ? [] : [`${name}: ${why}`]
  })
  return missing.length === 0 ? undefined : `needs ${missing.join('; ')}`
}

/**
 * Registers a test that needs something of the machine: `needs(test, 'root', 'etcd')('title', async (t) => …)`.
 * `test.serial` can be given in place of `test`.
 */
export function needs<Context>(test: Registers<Context>, ...names: readonly Need[]) {
  return (title: string, implementation: ImplementationFn<[], Context>): void => {
    const reason = missingNeeds(names)
    if (reason === undefined) test(title, implementation)
    else if (process.env.CI !== 'true') test.skip(`${title} # ${reason}`, implementation)
    else test(title, (t) => t.fail(`${reason}; with CI=true a missing need is a failure`))
  }
}
