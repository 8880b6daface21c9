/** Names, addresses and settings of a lab, worked out from its options before anything is made. */
import { randomInt } from 'node:crypto'
import { LabError } from './lab-error.ts'
import { labDirectory } from './ledger.ts'

export type LabBackend = 'vxlan' | 'host-gw' | 'udp'
export type LabEtcdApi = 'v2' | 'v3'

export interface LabOptions {
  /** Default: the token that is in every name of the lab. */
  readonly name?: string
  /** Default 3. */
  readonly hosts?: number
  /** Default vxlan; without effect where `config` names a backend. */
  readonly backend?: LabBackend
  /** The network configuration as JSON text, in place of the default one. */
  readonly config?: string
  /** Default v3. */
  readonly etcdApi?: LabEtcdApi
  readonly tls?: boolean
  /** Path of a binary or a version like v0.28.9. */
  readonly flanneld?: string
  /** `bridge` (default): docker0 and containers laid with ip; `real`: a dockerd per host. */
  readonly docker?: 'bridge' | 'real'
  /** Default 1. */
  readonly containersPerHost?: number
  /** Further words for flanneld's command line. */
  readonly flanneldOptions?: readonly string[]
  /** flanneld's -ip-masq; default true. */
  readonly ipMasq?: boolean
  /** 2: hosts stand alternately in two underlay subnets with a router between them. Default 1. */
  readonly underlays?: 1 | 2
  /** etcd prefix; default flannel's own. */
  readonly prefix?: string
  /** Called with one line per step. */
  readonly log?: (line: string) => void
  readonly signal?: AbortSignal
}

export interface PlannedContainer {
  readonly name: string
  readonly namespace: string
}

export interface PlannedHost {
  readonly name: string
  readonly namespace: string
  /** The host's link in the switch namespace. */
  readonly port: string
  readonly address: string
  readonly gateway: string
  /** Bridge of the switch that the host's port belongs to. */
  readonly underlay: string
  readonly directory: string
  readonly containers: readonly PlannedContainer[]
}

export interface LabPlan {
  readonly name: string
  readonly token: string
  readonly directory: string
  readonly backend: LabBackend
  readonly config: string
  readonly etcdApi: LabEtcdApi
  readonly tls: boolean
  readonly docker: 'bridge' | 'real'
  readonly ipMasq: boolean
  readonly flanneldOptions: readonly string[]
  readonly prefix: string
  readonly endpoint: string
  readonly switchNamespace: string
  readonly underlays: readonly { readonly bridge: string; readonly address: string }[]
  readonly hosts: readonly PlannedHost[]
}

/** Address of etcd and of the switch in the first underlay; TEST-NET addresses (RFC 5737) that no real network uses. */
export const SWITCH_ADDRESS = '192.0.2.1'
const UNDERLAY_PREFIXES = ['192.0.2', '198.51.100']
/** First host's last octet is 11; a /24 underlay leaves room for this many in each. */
const MAX_HOSTS = 200
const DEFAULT_PREFIX = '/coreos.com/network' // flannel main.go, -etcd-prefix
const BACKENDS: readonly LabBackend[] = ['vxlan', 'host-gw', 'udp']

function usage(message: string): never {
  throw new LabError('usage', message)
}

function newToken(): string {
  return Array.from({ length: 4 }, () => randomInt(36).toString(36)).join('')
}

function whole(value: number, what: string, limits: readonly [number, number]): number {
  const [least, most] = limits
  if (Number.isInteger(value) && value >= least && value <= most) return value
  return usage(`${what}: ${value} is not a whole number from ${least} to ${most}`)
}

function parseConfig(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return usage(`the network configuration is not JSON: ${(error as Error).message}`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  return usage('the network configuration is JSON, but not an object')
}

/** Backend type and final text of the network configuration. */
function planConfig(options: LabOptions): { backend: LabBackend; config: string } {
  const asked = options.backend ?? 'vxlan'
  if (options.config === undefined) {
    return {
      backend: known(asked),
      config: JSON.stringify({ Network: '10.5.0.0/16', Backend: { Type: asked } }),
    }
  }
  const config = parseConfig(options.config)
  if (typeof config.Network !== 'string')
    usage('the network configuration has no Network, e.g. "10.5.0.0/16"')
  if (config.Backend === undefined) {
    return { backend: known(asked), config: JSON.stringify({ ...config, Backend: { Type: asked } }) }
  }
  const type = (config.Backend as { Type?: unknown } | null)?.Type
  return { backend: known(type), config: options.config }
}

/** flannel compares the type in lower case. */
function known(type: unknown): LabBackend {
  const backend = BACKENDS.find((name) => name === String(type).toLowerCase())
  return backend ?? usage(`the lab cannot run backend "${String(type)}"; it runs ${BACKENDS.join(', ')}`)
}

function planPrefix(prefix: string): string {
  if (/^(\/[A-Za-z0-9_.-]+)+$/.test(prefix)) return prefix
  return usage(`"${prefix}" is not an etcd prefix like ${DEFAULT_PREFIX}`)
}

/** Works out a lab. Throws LabError for options that make none. */
export function planLab(options: LabOptions): LabPlan {
  const token = newToken()
  const name = options.name ?? token
  const directory = labDirectory(name)
  const underlays = UNDERLAY_PREFIXES.slice(0, whole(options.underlays ?? 1, 'underlays', [1, 2])).map(
    (prefix, i) => ({ bridge: `underlay${i + 1}`, address: `${prefix}.1` }),
  )
  const hosts = whole(options.hosts ?? 3, 'hosts', [1, MAX_HOSTS])
  const containers = whole(options.containersPerHost ?? 1, 'containers per host', [0, 20])
  const host = (_: unknown, i: number): PlannedHost => {
    const hostName = `h${i + 1}`
    const underlay = underlays[i % underlays.length] as (typeof underlays)[number]
    return {
      name: hostName,
      namespace: `fd-${token}-${hostName}`,
      port: hostName,
      address: underlay.address.replace(/\.1$/, `.${i + 11}`),
      gateway: underlay.address,
      underlay: underlay.bridge,
      directory: `${directory}/${hostName}`,
      containers: Array.from({ length: containers }, (_container, c) => ({
        name: `${hostName}c${c + 1}`,
        namespace: `fd-${token}-${hostName}c${c + 1}`,
      })),
    }
  }
  const network = planConfig(options)
  if (network.backend === 'host-gw' && underlays.length > 1) {
    usage('host-gw needs all hosts in one underlay: a route cannot go through a router')
  }
  return {
    name,
    token,
    directory,
    ...network,
    etcdApi: options.etcdApi ?? 'v3',
    tls: options.tls ?? false,
    docker: options.docker ?? 'bridge',
    ipMasq: options.ipMasq ?? true,
    flanneldOptions: options.flanneldOptions ?? [],
    prefix: planPrefix(options.prefix ?? DEFAULT_PREFIX),
    endpoint: `${options.tls === true ? 'https' : 'http'}://${SWITCH_ADDRESS}:2379`,
    switchNamespace: `fd-${token}-switch`,
    underlays,
    hosts: Array.from({ length: hosts }, host),
  }
}
