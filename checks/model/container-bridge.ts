import type { Prefix } from './address.ts'
import type { Ipv6Route } from './ipv6-state.ts'
import type { LinkAddress } from './link.ts'
import type { Neighbour } from './neighbour.ts'
import type { Iptables, Nftables } from './netfilter.ts'
import type { PolicyRule, Route } from './route.ts'
import type { Sysctls } from './sysctl.ts'
import type { Xfrm } from './xfrm.ts'

/** A Docker network with the bridge driver. */
export interface DockerNetwork {
  readonly name: string
  readonly id: string
  /** Link name of the bridge: `docker0` or `br-<id>`. */
  readonly bridge: string
  readonly subnets: readonly Prefix[]
  /** `com.docker.network.driver.mtu`. */
  readonly mtu?: number
  readonly ipMasquerade?: boolean
}

/** The Docker Engine in the host's network namespace. */
export interface Docker {
  /** False when no dockerd runs there; everything else is then empty. */
  readonly running: boolean
  readonly version?: string
  readonly pid?: number
  /** Command line of dockerd, words. */
  readonly argv: readonly string[]
  /** The network settings of daemon.json: bip, mtu, ip-masq, iptables, ip-forward, live-restore, bridge, default-gateway. */
  readonly daemonJson: Readonly<Record<string, string>>
  readonly networks: readonly DockerNetwork[]
  /** Why the Engine's API gave nothing although dockerd runs. */
  readonly apiProblem?: string
  readonly ageSeconds?: number
}

/** A container seen from its host. */
export interface Container {
  readonly name: string
  /** Its own interfaces, loopback left out. */
  readonly links: readonly ContainerLink[]
  readonly addresses: readonly LinkAddress[]
  /** Gateway of its IPv4 default route; absent when it has none. */
  readonly gateway?: string
  readonly pid?: number
  /** File of its network namespace, for `nsenter --net=`; absent where it was not recorded. */
  readonly namespace?: string
  /** What else decides there about packets; absent in states that were recorded before it was read. */
  readonly network?: ContainerNetwork
  /** Where it was found. */
  readonly foundBy: 'inventory' | 'docker' | 'proc'
  /** Why its namespace could not be read; links and addresses are then empty. */
  readonly problem?: string
  /** Set where it ended after it was listed. */
  readonly isGone?: true
}

/** Routes, rules, entries, settings and packet filters of a container's own network. */
export interface ContainerNetwork {
  readonly routes: readonly Route[]
  readonly rules: readonly PolicyRule[]
  /** Permanent ones only. */
  readonly neighbours: readonly Neighbour[]
  readonly sysctls: Sysctls
  readonly xfrm: Xfrm
  /** Of every table; absent where it has no IPv6 address but those of its links, or was recorded before they were read. */
  readonly ipv6Routes?: readonly Ipv6Route[]
  readonly nftables?: Nftables
  readonly iptables?: Iptables
  readonly iptablesLegacy?: Iptables
  /** Why something of it is not known. */
  readonly unread?: string
}

/** One interface inside a container. */
export interface ContainerLink {
  readonly name: string
  readonly mtu: number
  readonly mac?: string
  readonly flags: readonly string[]
  /** Kind of its queueing discipline, where it has one. */
  readonly qdisc?: string
  /** Index of the host's end of the veth pair. */
  readonly peerIndex?: number
}
