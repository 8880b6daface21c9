/**
 * What a running flanneld was told: its command line, then FLANNELD_* variables for the
 * flags that the command line leaves out, then flannel's defaults.
 * Syntax: Go's `flag` package; environment: flannel's use of `flagutil.SetFlagsFromEnv`;
 * names and defaults: flannel `main.go`, `init`.
 */
import type { Flanneld, FlanneldProcess } from '../model/daemon.ts'
import type { EtcdApi } from '../model/network-config.ts'
import { present } from '../model/present.ts'
import {
  ETCD_ENDPOINTS,
  ETCD_PREFIX,
  IPTABLES_RESYNC_SECONDS,
  RENEW_MARGIN_MINUTES,
  SUBNET_FILE,
} from './constants.ts'

/** flanneld's options as far as expected state and collection depend on them. */
export interface FlanneldOptions {
  readonly etcdEndpoints: readonly string[]
  readonly etcdPrefix: string
  readonly etcdCaFile?: string
  readonly etcdCertFile?: string
  readonly etcdKeyFile?: string
  readonly etcdUsername?: string
  /** Names or addresses, tried in order; one at most before v0.8.0. */
  readonly iface: readonly string[]
  readonly ifaceRegex: readonly string[]
  readonly ifaceCanReach?: string
  readonly publicIp?: string
  readonly publicIpv6?: string
  readonly subnetFile: string
  readonly ipMasq: boolean
  readonly iptablesForwardRules: boolean
  readonly iptablesResyncSeconds: number
  /** Minutes before expiry at which the lease is renewed. */
  readonly renewMarginMinutes: number
  readonly kubeSubnetMgr: boolean
  /** What flannel's annotations of a node begin with (v0.11.0 and later). */
  readonly kubeAnnotationPrefix?: string
  /** Multi-network mode, v0.5.6 to v0.7.1. */
  readonly networks?: string
}

const BOOLEANS = new Set([
  'ip-masq',
  'ip-masq-fully-random-disable',
  'ip-blackhole-route',
  'iptables-forward-rules',
  'kube-subnet-mgr',
  'set-node-network-unavailable',
  'watch-networks',
  'version',
  'help',
  'h',
])
const TRUE_WORDS = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])

type Flags = ReadonlyMap<string, readonly string[]>

const known = new WeakMap<FlanneldProcess, FlanneldOptions>()

/**
 * The options of one flanneld, the same object on every call. Values that flanneld itself would refuse fall back to the
 * default.
 */
export function flanneldOptions(daemon: FlanneldProcess): FlanneldOptions {
  const options = known.get(daemon) ?? optionsOf(daemon)
  known.set(daemon, options)
  return options
}

function optionsOf(daemon: FlanneldProcess): FlanneldOptions {
  const flags = parseFlags(daemon.argv.slice(1))
  const all = (name: string) => flags.get(name) ?? environmentValues(daemon, name)
  const text = (name: string) => all(name).at(-1) || undefined
  return {
    etcdEndpoints: text('etcd-endpoints')?.split(',') ?? ETCD_ENDPOINTS,
    etcdPrefix: text('etcd-prefix') ?? ETCD_PREFIX,
    ...present({
      etcdCaFile: text('etcd-cafile'),
      etcdCertFile: text('etcd-certfile'),
      etcdKeyFile: text('etcd-keyfile'),
      etcdUsername: text('etcd-username'),
      ifaceCanReach: text('iface-can-reach'),
      publicIp: text('public-ip'),
      publicIpv6: text('public-ipv6'),
      networks: text('networks'),
      kubeAnnotationPrefix: text('kube-annotation-prefix'),
    }),
    iface: all('iface').filter(Boolean),
    ifaceRegex: all('iface-regex').filter(Boolean),
    subnetFile: text('subnet-file') ?? SUBNET_FILE,
    ipMasq: isTrue(text('ip-masq'), false),
    iptablesForwardRules: isTrue(text('iptables-forward-rules'), true),
    iptablesResyncSeconds: wholeNumber(text('iptables-resync'), IPTABLES_RESYNC_SECONDS),
    renewMarginMinutes: wholeNumber(text('subnet-lease-renew-margin'), RENEW_MARGIN_MINUTES),
    kubeSubnetMgr: isTrue(text('kube-subnet-mgr'), false),
  }
}

/**
 * The flanneld that serves the network under `prefix`, without one that of Kubernetes; the first one when none says so;
 * undefined when none runs.
 */
export function flanneldFor(flanneld: Flanneld, prefix: string | undefined): FlanneldProcess | undefined {
  const wanted = prefix === undefined ? undefined : trimPrefix(prefix)
  const same = flanneld.processes.find((daemon) => {
    const { kubeSubnetMgr, etcdPrefix } = flanneldOptions(daemon)
    return wanted === undefined ? kubeSubnetMgr : trimPrefix(etcdPrefix) === wanted
  })
  return same ?? flanneld.processes[0]
}

/**
 * Whether two prefixes name the same keys. flannel joins them with `path.Join`, so that double slashes and those at the
 * end do not matter; the one at the beginning is part of a key of the v3 API, while v2 adds it where it is missing.
 */
export function isSamePrefix(a: string, b: string, api: EtcdApi): boolean {
  return trimPrefix(a) === trimPrefix(b) && (api === 'v2' || a.startsWith('/') === b.startsWith('/'))
}

function trimPrefix(prefix: string): string {
  return prefix.split('/').filter(Boolean).join('/')
}

/** `-x=v`, `--x=v`, `-x v`, `-x` for booleans; the first word that is no flag ends them, as in Go. */
function parseFlags(words: readonly string[]): Flags {
  const flags = new Map<string, string[]>()
  for (let at = 0; at < words.length; at++) {
    const match = /^--?([A-Za-z0-9][\w-]*)(?:=(.*))?$/s.exec(words[at] ?? '')
    if (!match) break
    const name = match[1] ?? ''
    const value = match[2] ?? (BOOLEANS.has(name) ? 'true' : (words[++at] ?? ''))
    flags.set(name, [...(flags.get(name) ?? []), value])
  }
  return flags
}

function environmentValues(daemon: FlanneldProcess, name: string): readonly string[] {
  const value = daemon.environment[`FLANNELD_${name.toUpperCase().replaceAll('-', '_')}`]
  return value ? [value] : []
}

function isTrue(value: string | undefined, otherwise: boolean): boolean {
  return value === undefined ? otherwise : TRUE_WORDS.has(value)
}

function wholeNumber(value: string | undefined, otherwise: number): number {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : otherwise
}
