/** What a packet consists of, outermost first. */

export interface Ethernet {
  readonly kind: 'ethernet'
  readonly source: string
  readonly destination: string
  readonly type: number
}

/** Cooked captures name the direction instead of the receiver; only version 2 names the link. */
export interface Cooked {
  readonly kind: 'cooked'
  readonly direction: 'to-us' | 'broadcast' | 'multicast' | 'to-other' | 'from-us' | 'unknown'
  readonly ifindex?: number
  readonly type: number
}

export interface Vlan {
  readonly kind: 'vlan'
  readonly id: number
}

export interface Arp {
  readonly kind: 'arp'
  /** 1 asks, 2 answers. */
  readonly operation: number
  readonly senderMac: string
  readonly sender: string
  readonly targetMac: string
  readonly target: string
}

export interface Ipv4 {
  readonly kind: 'ipv4'
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly ttl: number
  readonly id: number
  readonly dontFragment: boolean
  readonly moreFragments: boolean
  /** Octets before this fragment in the whole packet. */
  readonly fragmentOffset: number
  readonly headerLength: number
  /** Total length as the header says. */
  readonly length: number
}

export interface Ipv6 {
  readonly kind: 'ipv6'
  readonly source: string
  readonly destination: string
  readonly hopLimit: number
  /** The protocol after the extension headers. */
  readonly protocol: number
  readonly fragmentOffset: number
  /** Length of what follows the fixed header. */
  readonly length: number
}

interface IcmpMessage {
  readonly type: number
  readonly code: number
  /** Of an echo. */
  readonly id?: number
  readonly sequence?: number
  /** The link's MTU, of "fragmentation needed" and "packet too big". */
  readonly mtu?: number
  /** The packet an error is about, as far as it is quoted. */
  readonly quoted?: readonly Layer[]
}

export interface Icmp extends IcmpMessage {
  readonly kind: 'icmp'
}

export interface Icmp6 extends IcmpMessage {
  readonly kind: 'icmp6'
}

export interface Udp {
  readonly kind: 'udp'
  readonly sourcePort: number
  readonly destinationPort: number
  readonly length: number
  readonly checksum: number
}

export interface Tcp {
  readonly kind: 'tcp'
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgment: number
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  readonly flags: number
  readonly window: number
}

export interface Vxlan {
  readonly kind: 'vxlan'
  readonly vni: number
  /** 8 where the VNI is valid, as it must be (RFC 7348, 5). */
  readonly flags: number
}

/** The tunnel of flannel's udp backend has no header of its own: the packet is the payload. */
export interface FlannelUdp {
  readonly kind: 'flannel-udp'
}

/** Another payload than those above: an IP protocol, or an ethertype for `network`. */
export interface Other {
  readonly kind: 'other'
  readonly of: 'network' | 'transport' | 'link'
  readonly number: number
}

/** The octets ended, or the packet is nested deeper than any real one, before this header was whole. */
export interface Cut {
  readonly kind: 'cut'
  readonly header: string
}

export type Layer =
  | Ethernet
  | Cooked
  | Vlan
  | Arp
  | Ipv4
  | Ipv6
  | Icmp
  | Icmp6
  | Udp
  | Tcp
  | Vxlan
  | FlannelUdp
  | Other
  | Cut

/** The first or the last layer of one kind. */
export function firstLayer<K extends Layer['kind']>(
  layers: readonly Layer[],
  kind: K,
): Extract<Layer, { kind: K }> | undefined {
  return layers.find((layer): layer is Extract<Layer, { kind: K }> => layer.kind === kind)
}

export function lastLayer<K extends Layer['kind']>(
  layers: readonly Layer[],
  kind: K,
): Extract<Layer, { kind: K }> | undefined {
  return layers.findLast((layer): layer is Extract<Layer, { kind: K }> => layer.kind === kind)
}
