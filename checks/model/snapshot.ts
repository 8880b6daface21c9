import type { Cni } from './cni.ts'
import type { Container, Docker } from './container-bridge.ts'
import type { Flanneld, Kernel, UdpSocket } from './daemon.ts'
import type { DockerOptions } from './docker-options.ts'
import type { EtcdStatus } from './etcd-member.ts'
import type { FdbEntry } from './fdb.ts'
import type { FlanneldLog } from './flanneld-log.ts'
import type { Ipsets } from './ipset.ts'
import type { Ipv6State } from './ipv6-state.ts'
import type { Ipvs } from './ipvs.ts'
import type { LeaseTable } from './lease.ts'
import type { Link, LinkAddress } from './link.ts'
import type { LinkOwners } from './link-owner.ts'
import type { Neighbour } from './neighbour.ts'
import type { NetConf } from './net-conf.ts'
import type { Iptables, Nftables } from './netfilter.ts'
import type { NetworkConfig } from './network-config.ts'
import type { KubernetesStatus } from './node.ts'
import type { Observation } from './observation.ts'
import type { Offloads } from './offload.ts'
import type { PolicyRule, Route } from './route.ts'
import type { Services } from './service-unit.ts'
import type { SubnetEnv } from './subnet-env.ts'
import type { Sysctls } from './sysctl.ts'
import type { TlsFiles } from './tls-file.ts'
import type { TrafficControl } from './traffic-control.ts'
import type { Xfrm } from './xfrm.ts'

export type HostName = string

/** Why a fact could not be had. `not-applicable`: it does not exist on such a host. */
export const ABSENCES = [
  'not-installed',
  'not-permitted',
  'timed-out',
  'unparsable',
  'unreachable',
  'missing',
  'not-applicable',
] as const

export type Absence = (typeof ABSENCES)[number]

/** Where a fact came from: the command is what a person would type to see it. */
export interface Source {
  /** Empty for the datastore. */
  readonly host: HostName
  readonly section: string
  readonly command: string
}

interface Raw {
  /** What the command of `from` printed, where it was kept; asked for when a finding needs proof. */
  readonly raw?: () => string
}

/** Something known, or absent with the reason. Absent is neither good nor bad. */
export type Fact<T> =
  | ({ readonly known: true; readonly value: T; readonly from: Source } & Raw)
  | ({ readonly known: false; readonly why: Absence; readonly detail: string; readonly from: Source } & Raw)

/** Every fact collected on a host. One key is one collector file, one parser and one recorded section. */
export interface HostFacts {
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
  readonly routes: readonly Route[]
  readonly ipv6: Ipv6State
  readonly rules: readonly PolicyRule[]
  readonly neighbours: readonly Neighbour[]
  readonly fdb: readonly FdbEntry[]
  readonly iptables: Iptables
  readonly iptablesLegacy: Iptables
  /** Rules for IPv6, likewise. */
  readonly ip6tables: Iptables
  readonly ip6tablesLegacy: Iptables
  readonly nftables: Nftables
  readonly sysctls: Sysctls
  readonly subnetEnv: SubnetEnv
  readonly flanneld: Flanneld
  readonly flanneldLog: FlanneldLog
  readonly docker: Docker
  readonly dockerOptions: DockerOptions
  readonly services: Services
  readonly containers: readonly Container[]
  readonly sockets: readonly UdpSocket[]
  readonly kernel: Kernel
  readonly tlsFiles: TlsFiles
  readonly offloads: Offloads
  readonly linkOwners: LinkOwners
  readonly ipsets: Ipsets
  readonly ipvs: Ipvs
  readonly xfrm: Xfrm
  readonly trafficControl: TrafficControl
  readonly cni: Cni
  readonly netConf: NetConf
}

/** Every fact read from the datastore. */
export interface DatastoreFacts {
  /** Absent as not applicable where the leases are nodes of Kubernetes, as `kubernetes` is where they are in etcd. */
  readonly etcd: EtcdStatus
  readonly kubernetes: KubernetesStatus
  readonly config: NetworkConfig
  readonly leases: LeaseTable
}

export type HostFactName = keyof HostFacts
export type DatastoreFactName = keyof DatastoreFacts
export type FactName = HostFactName | DatastoreFactName

export const DATASTORE_FACTS: readonly DatastoreFactName[] = ['etcd', 'kubernetes', 'config', 'leases']

/** One host as collected. */
export interface HostSnapshot {
  readonly host: HostName
  /** How it was reached, as a host URL (`netns://h1`). */
  readonly via: string
  /** Set when nothing could be collected. */
  readonly unreachable?: string
  readonly facts: { readonly [K in HostFactName]: Fact<HostFacts[K]> }
}

/** The whole network as collected. Facts are not simultaneous: `window` says how far apart they may be. */
export interface ClusterSnapshot {
  readonly datastore: { readonly [K in DatastoreFactName]: Fact<DatastoreFacts[K]> }
  readonly hosts: ReadonlyMap<HostName, HostSnapshot>
  /** What probes saw; absent when none was sent. */
  readonly observations?: readonly Observation[]
  /** Start and end of collection, milliseconds since 1970. */
  readonly window: { readonly from: number; readonly to: number }
  /** True when the inventory named every host: only then is a lease without a host suspicious. */
  readonly complete: boolean
}
