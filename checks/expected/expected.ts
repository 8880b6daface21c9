/**
 * The contract of an expected state: what flannel should have written on one host,
 * computed from configuration, leases and the host's own links. One file per backend
 * fills it in; checks only compare.
 */
import type { Prefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { HostName } from '../model/snapshot.ts'
import type { Generation } from './generation.ts'
import type { ExpectedIpv6 } from './ipv6.ts'

/** Another host's lease, named where the inventory knows the host. */
export interface Peer {
  readonly lease: Lease
  /** Host name from the inventory, otherwise the public IP as text. */
  readonly name: HostName
  /** True when this host reaches it without encapsulation (host-gw, or DirectRouting on the same underlay subnet). */
  readonly direct: boolean
}

/** The link flannel creates; host-gw and alloc have none. */
export interface ExpectedLink {
  readonly name: string
  readonly kind: 'vxlan' | 'tun'
  /** Absent when the underlay MTU, or whether the version honours the MTU option, is unknown. */
  readonly mtu?: number
  /** MAC in the own lease; absent for udp. */
  readonly mac?: string
  readonly address: Prefix
  readonly vxlan?: {
    readonly vni: number
    readonly port: number
    /** Accepted values of `local`, text; flannel v0.27.4 changed it from interface address to public IP. */
    readonly local: readonly string[]
    readonly underlay?: string
    readonly gbp: boolean
    readonly learning: boolean
  }
}

/** A route flannel adds. `peer` is absent for the one network-wide route of older designs. */
export interface ExpectedRoute {
  readonly destination: Prefix
  readonly gateway?: number
  readonly link: string
  readonly onlink: boolean
  readonly peer?: Peer
}

/** A permanent neighbour entry of vxlan since v0.9.0. */
export interface ExpectedNeighbour {
  readonly address: string
  readonly link: string
  readonly mac: string
  readonly peer: Peer
}

/** An FDB entry of vxlan. */
export interface ExpectedFdbEntry {
  readonly mac: string
  readonly link: string
  readonly destination: string
  readonly peer: Peer
}

/** One iptables rule flannel keeps, as the words of iptables-save after `-A CHAIN`, comments and --random-fully left out. */
export interface ExpectedRule {
  readonly table: 'nat' | 'filter'
  readonly chain: string
  readonly words: readonly string[]
}

/** What flannel should have written on one host. */
export interface ExpectedHost {
  readonly config: NetworkConfig
  readonly generation: Generation
  /** The host's own lease. */
  readonly lease: Lease
  /** How the lease was recognised as its own. */
  readonly identifiedBy: 'node' | 'public-ip-option' | 'address' | 'vtep-mac' | 'subnet-env'
  /** The underlay link flannel uses, by --iface or by the public IP; absent when it is not known. */
  readonly externalLink?: { readonly name: string; readonly mtu: number; readonly address?: number }
  readonly peers: readonly Peer[]
  /** Subnets whose lease could not be read: nothing may be said about entries for them. */
  readonly unknownSubnets: readonly Prefix[]
  readonly subnetEnv: {
    readonly network: Prefix
    /** First address of the subnet with its length: the bridge address. */
    readonly subnet: Prefix
    /** Absent when the underlay MTU is unknown. */
    readonly mtu?: number
    /** From flanneld's own flag; absent when flanneld's command line is unknown. */
    readonly ipMasq?: boolean
  }
  readonly link?: ExpectedLink
  readonly routes: readonly ExpectedRoute[]
  readonly neighbours: readonly ExpectedNeighbour[]
  readonly fdb: readonly ExpectedFdbEntry[]
  /** Absent where flannel carries IPv4 alone. */
  readonly ipv6?: ExpectedIpv6
  /** UDP port that must be open and listening for the overlay; absent for host-gw. */
  readonly udpPort?: number
  /** True when flannel writes native nftables instead of iptables rules (`EnableNFTables`, v0.25.0 and later). */
  readonly nftables?: boolean
  /** Rules flannel keeps; absent when the version or the flag is unknown, empty when it keeps none. */
  readonly masqueradeRules?: readonly ExpectedRule[]
  readonly forwardRules?: readonly ExpectedRule[]
  /** With an unknown version: the lists of every generation, of which one whole list must be there. */
  readonly possibleMasqueradeRules?: readonly (readonly ExpectedRule[])[]
  readonly possibleForwardRules?: readonly (readonly ExpectedRule[])[]
}

/**
 * What stands in the way of an expected state. `no-lease`: everything was readable and no
 * lease is this host's; the other causes mean that it is not known.
 */
export type NoExpectationCause =
  | 'no-lease'
  | 'unreadable-lease'
  | 'ambiguous'
  | 'absent-fact'
  | 'unsupported'
  | 'unknown-host'

/** Why there is no expected state. */
export interface NoExpectation {
  readonly reason: string
  readonly cause: NoExpectationCause
  /** `absent-fact`: it is one of the datastore. */
  readonly blockedBy?: 'datastore'
  /** `no-lease`: the public IP flanneld would register, where that can be told. */
  readonly publicIp?: number
}

/** Tells the two apart. */
export function isExpected(value: ExpectedHost | NoExpectation): value is ExpectedHost {
  return !('reason' in value)
}
