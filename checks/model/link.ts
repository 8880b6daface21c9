import type { Prefix } from './address.ts'

/** vxlan attributes of a link (`ip -d link`). */
export interface VxlanAttributes {
  readonly vni: number
  /** Source address of the encapsulated packets. */
  readonly local?: string
  /** The underlay link it is bound to. */
  readonly underlay?: string
  readonly port: number
  readonly learning: boolean
  readonly gbp: boolean
  /** Time to live of the encapsulated packets; absent where it is the host's usual one. */
  readonly ttl?: number
}

/** Packet counters since the link was created. */
export interface LinkStatistics {
  readonly rxPackets: number
  readonly txPackets: number
  readonly rxErrors: number
  readonly txErrors: number
  readonly rxDropped: number
  readonly txDropped: number
  readonly txCarrierErrors?: number
  /** Frames addressed to another MAC (kernel 6.0 and later): the mark of a stale VTEP MAC. */
  readonly rxOtherHost?: number
}

/** What a bridge does with the frames of one of its ports. */
export interface BridgePort {
  /** `forwarding`, or what the spanning tree or a person made of it: `disabled`, `listening`, `learning`, `blocking`. */
  readonly state: string
  readonly learning: boolean
  /** Frames for MACs that the bridge does not know go out by it. */
  readonly flood: boolean
  /** No frames between this port and other isolated ones. */
  readonly isolated: boolean
  /** Only frames from MACs that stand in the FDB on this port come in. */
  readonly locked: boolean
  /** Frames may go back by the port they came from; absent where iproute2 does not say. */
  readonly hairpin?: boolean
}

/** A kernel link. */
export interface Link {
  readonly index: number
  readonly name: string
  /** `vxlan`, `bridge`, `veth`, `tun`, …; absent for plain hardware. */
  readonly kind?: string
  readonly mtu: number
  /** tun: packets that it holds for the program that reads it. */
  readonly queueLength?: number
  /** The link whose frames all come to this one: of a macvlan or macvtap in mode passthru. */
  readonly takes?: string
  /** Lower case; absent for links without one (tun, loopback shows zeros). */
  readonly mac?: string
  readonly flags: readonly string[]
  readonly operstate: string
  /** Number of the XDP program that sees what comes in before anything else does. */
  readonly xdp?: number
  /** A program that watches the host (of MLAG, of EVPN) keeps the link from carrying anything: `protodown`. */
  readonly isHeldDown?: true
  /** Of a bridge: the kernel's spanning tree sets the states of its ports, and nobody else may. */
  readonly isSpanningTree?: true
  /** Name of the bridge it is a port of. */
  readonly master?: string
  /** Set for a port of a bridge, where iproute2 shows it. */
  readonly bridgePort?: BridgePort
  /** Index of the other end of a veth pair. */
  readonly peerIndex?: number
  /** Name of the namespace that holds the other end of a veth pair, where iproute2 knows one. */
  readonly peerNamespace?: string
  readonly vxlan?: VxlanAttributes
  readonly statistics?: LinkStatistics
}

/** An IPv4 or IPv6 address on a link. */
export interface LinkAddress {
  readonly link: string
  readonly family: 'inet' | 'inet6'
  /** As text, without length. */
  readonly address: string
  readonly length: number
  /** The same as a number pair; absent for IPv6. */
  readonly prefix?: Prefix
  readonly scope: string
  /** Set where another machine on the link had it: the kernel does not use it then (RFC 4862, 5.4). */
  readonly isDuplicate?: true
}

/** True when the administrator has set the link up. */
export function isUp(link: Link): boolean {
  return link.flags.includes('UP')
}

/** Of macvlan and macvtap, the mode in which nothing is left to the lower link (Linux `drivers/net/macvlan.c`). */
export function takesAll(kind: string | undefined, mode: string | undefined): boolean {
  return (kind === 'macvlan' || kind === 'macvtap') && mode === 'passthru'
}
