/** Names, addresses and settings of a lab, worked out from its options before anything is made. */
import { ETCD_PREFIX } from '../../../checks/expected/constants.ts'
import { present } from '../../../checks/model/present.ts'
import type { LabCommand, LabSettings } from '../../../fixtures/lab.ts'
import { usage } from '../lab-error.ts'
import { labDirectory } from '../ledger/ledger.ts'
import type { EngineContainer } from '../place.ts'
import { refuseForKubernetes } from './kubernetes-options.ts'
import { newToken } from './new-token.ts'
import { type LabBackend, planConfig } from './plan-config.ts'

export type LabEtcdApi = 'v2' | 'v3'

export interface LabOptions extends LabSettings {
  /** Default: the token that is in every name of the lab. */
  readonly name?: string
  /** What its hosts are: network namespaces (default) or containers of a Docker engine. */
  readonly lab?: 'netns' | 'docker'
  /** Image of the containers of a docker lab; default one made of this machine's programs. */
  readonly image?: string
  /** Called with one line per step. */
  readonly log?: (line: string) => void
  readonly signal?: AbortSignal
}

export interface PlannedContainer {
  readonly name: string
  readonly namespace: string
  readonly engine?: EngineContainer
}

export interface PlannedHost {
  readonly name: string
  readonly namespace: string
  /** In a docker lab: the container that it is. */
  readonly engine?: EngineContainer
  /** The host's link in the switch namespace. */
  readonly port: string
  readonly address: string
  readonly gateway: string
  /** Bridge of the switch that the host's port belongs to. */
  readonly underlay: string
  readonly directory: string
  /** In a Kubernetes lab: where this machine has the folders that are the host's own, like etc and run. */
  readonly root?: string
  /** In a Kubernetes lab: the process that holds the host's mounts. */
  readonly mounts?: number
  /** Address that its peers use: its own, or behind NAT the translated one. */
  readonly publicIp: string
  /** eth1, where there is one. */
  readonly secondLink?: { readonly port: string; readonly address: string }
  /** False for a host that runs flanneld alone. */
  readonly hasBridge: boolean
  readonly containers: readonly PlannedContainer[]
}

export interface LabPlan {
  readonly lab: 'netns' | 'docker'
  /** Asked for, in a docker lab. */
  readonly image?: string
  /** In a docker lab: the container of etcd. */
  readonly engine?: EngineContainer
  readonly name: string
  readonly token: string
  readonly directory: string
  readonly backend: LabBackend
  readonly config: string
  readonly etcdApi: LabEtcdApi
  readonly kubernetes: boolean
  /** With kubelets: flanneld and the containers are pods. */
  readonly cluster: boolean
  readonly tls: boolean
  readonly docker: 'bridge' | 'real'
  readonly ipMasq: boolean
  readonly linkOptions: readonly string[]
  readonly flanneldOptions: readonly string[]
  readonly prefix: string
  readonly endpoint: string
  readonly switchNamespace: string
  readonly underlays: readonly { readonly bridge: string; readonly address: string }[]
  readonly hosts: readonly PlannedHost[]
  readonly fakePeers: number
  readonly numberedSubnets: boolean
  readonly publicIpv6: readonly string[]
  readonly before: readonly LabCommand[]
}

/** Address of etcd and of the switch in the first underlay; TEST-NET addresses (RFC 5737) that no real network uses. */
export const SWITCH_ADDRESS = '192.0.2.1'
const UNDERLAY_PREFIXES = ['192.0.2', '198.51.100']
/** The third test network: public addresses behind NAT, or the network of the second links. */
export const SECOND_PREFIX = '203.0.113'
/** First host's last octet is 11; a /24 underlay leaves room for this many in each. */
const MAX_HOSTS = 200

function whole(value: number, what: string, limits: readonly [number, number]): number {
  const [least, most] = limits
  if (Number.isInteger(value) && value >= least && value <= most) return value
  return usage(`${what}: ${value} is not a whole number from ${least} to ${most}`)
}

function planPrefix(prefix: string): string {
  if (/^(\/[A-Za-z0-9_.-]+)+$/.test(prefix)) return prefix
  return usage(`"${prefix}" is not an etcd prefix like ${ETCD_PREFIX}`)
}

type Underlay = LabPlan['underlays'][number]

function planUnderlays(options: LabOptions, backend: LabBackend): readonly Underlay[] {
  const count = whole(options.underlays ?? 1, 'underlays', [1, 2])
  if (backend === 'host-gw' && count > 1) {
    usage('host-gw needs all hosts in one underlay: a route cannot go through a router')
  }
  return UNDERLAY_PREFIXES.slice(0, count).map((prefix, i) => ({
    bridge: `underlay${i + 1}`,
    address: `${prefix}.1`,
  }))
}

interface HostSettings {
  readonly token: string
  readonly directory: string
  readonly containers: number
  readonly options: LabOptions
}

/** The n-th host (from 1). */
function planHost(n: number, underlay: Underlay, lab: HostSettings): PlannedHost {
  const { nat = false, secondLink = false, without = {} } = lab.options
  const name = `h${n}`
  const namespace = `fd-${lab.token}-${name}`
  const address = underlay.address.replace(/\.1$/, `.${n + 10}`)
  const second = `${SECOND_PREFIX}.${n + 10}`
  return {
    name,
    namespace,
    port: name,
    address,
    publicIp: nat ? second : address,
    ...(secondLink && { secondLink: { port: `${name}b`, address: second } }),
    gateway: underlay.address,
    underlay: underlay.bridge,
    directory: `${lab.directory}/${name}`,
    ...(lab.options.kubernetes && { root: `${lab.directory}/${name}/root` }),
    hasBridge: without[name] !== 'bridge',
    containers: Array.from({ length: without[name] === undefined ? lab.containers : 0 }, (_, i) => ({
      name: `${name}c${i + 1}`,
      namespace: `${namespace}c${i + 1}`,
    })),
  }
}

/** What is taken as given, with the defaults filled in. */
function planSettings(options: LabOptions) {
  const { etcdApi = 'v3', tls = false, docker = 'bridge', prefix = ETCD_PREFIX, before = [] } = options
  const endpoint = `${tls ? 'https' : 'http'}://${SWITCH_ADDRESS}:2379`
  const kubernetes = options.kubernetes !== undefined
  const cluster = options.kubernetes === 'cluster'
  return { etcdApi, kubernetes, cluster, tls, docker, prefix: planPrefix(prefix), endpoint, before }
}

/** The same for flanneld and its peers. */
function planFlanneld(options: LabOptions) {
  const {
    ipMasq = true,
    linkOptions = options.kubernetes ? [] : ['-iface=eth0'],
    flanneldOptions = [],
  } = options
  const { numberedSubnets = false, publicIpv6 = [], fakePeers: many = 0 } = options
  const fakePeers = whole(many, 'fake peers', [0, 10_000])
  return { ipMasq, linkOptions, flanneldOptions, fakePeers, numberedSubnets, publicIpv6 }
}

/** Works out a lab. Throws LabError for options that make none. */
export function planLab(options: LabOptions): LabPlan {
  const token = newToken()
  const name = options.name ?? token
  const directory = labDirectory(name)
  if (options.kubernetes) refuseForKubernetes(options)
  const network = planConfig(options)
  const underlays = planUnderlays(options, network.backend)
  const count = whole(options.hosts ?? 3, 'hosts', [1, MAX_HOSTS])
  const containers = whole(options.containersPerHost ?? 1, 'containers per host', [0, 20])
  const { lab = 'netns', image } = options
  const host = (_: unknown, i: number): PlannedHost =>
    planHost(i + 1, underlays[i % underlays.length] as Underlay, { token, directory, containers, options })
  return {
    lab,
    ...present({ image }),
    name,
    token,
    directory,
    ...network,
    ...planSettings(options),
    ...planFlanneld(options),
    switchNamespace: `fd-${token}-switch`,
    underlays,
    hosts: Array.from({ length: count }, host),
  }
}
