/** The packet that is walked through a host's filters, and the three-valued answers of their matches. */
import type { Prefix } from '../../model/address.ts'
import { containsAddress } from '../../model/address.ts'

/**
 * Conntrack's view of the packet: the first of its flow, a later one in either direction, an error about one of these, an answer
 * without a question, one that it was told to leave alone, or one that it has not seen yet.
 */
export type ConntrackState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'NOT YET'

/** True where the packet belongs to a connection that conntrack knows. */
export function hasConnection({ state }: Packet): boolean {
  return state === 'NEW' || state === 'ESTABLISHED' || state === 'RELATED'
}

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'icmpv6'

/** IANA numbers of the protocols that are walked. */
export const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 }

/** A protocol's name as it is said here: tools print ICMP of IPv6 by either of two. */
export function protocolName(text: string): string {
  return text === 'ipv6-icmp' ? 'icmpv6' : text
}

/** Whether a name or a number as tools of the kernel print it is that protocol. */
export function isProtocol(text: string, protocol: Protocol): boolean {
  return protocolName(text) === protocol || text === String(PROTOCOL_NUMBERS[protocol])
}

/** What filters see of a packet wherever it is. */
export interface Headers {
  /** Of IPv4, and 0 in an IPv6 packet. */
  readonly source: number
  readonly destination: number
  /** Set where it is an IPv6 packet: its addresses, as the kernel prints them. */
  readonly ipv6?: { readonly source: string; readonly destination: string }
  readonly protocol: Protocol
  /** Absent for icmp. */
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** 8 for an echo request, 0 for its answer; 128 and 129 in IPv6. */
  readonly icmpType?: number
  /** `syn`, `ack`, … that are set. */
  readonly tcpFlags?: readonly string[]
  /** Set where it is no IPv4 packet but asks who has the destination, or answers that the source has its address. */
  readonly arp?: 'request' | 'reply'
  /** Bytes of the IPv4 packet. */
  readonly size?: number
  readonly ttl?: number
}

/** Who answers for a service. */
export interface ServiceEnd {
  readonly address: number
  readonly port: number
}

/** Whose socket a packet is sent by. */
export interface SocketOwner {
  readonly uid: number
  readonly gid: number
}

/** Probes and flanneld are root's. */
export const ROOT: SocketOwner = { uid: 0, gid: 0 }

/** One packet at a netfilter hook of one host. */
export interface Packet extends Headers {
  /** Name of the link it came in on; absent for packets of the host itself. */
  readonly inLink?: string
  /** Name of the link it will leave by; absent before routing and for local delivery. */
  readonly outLink?: string
  /** Ports of a bridge, where the IPv4 filters are asked for a frame between two of them. */
  readonly inPort?: string
  readonly outPort?: string
  /** The bridge whose own filters are asked. */
  readonly bridge?: string
  readonly state: ConntrackState
  /** IPv4 addresses of the host, for matches on the address type. */
  readonly localAddresses: ReadonlySet<number>
  /** Set where a program of the host sends it: what comes over a network, or is put into a tunnel by the kernel, is of nobody's socket. */
  readonly socket?: SocketOwner
  /** A rule has given its connection another destination. */
  readonly isRedirected?: boolean
  /** The end of a balanced connection that is followed: where lots are drawn, this one is taken to be drawn. */
  readonly chosen?: ServiceEnd
  /** Mark of the connection; absent where no rule of the host sets any. */
  readonly connmark?: Mark
  /** The link by which the host would answer the source; undefined for none. */
  readonly wayBack?: () => string | undefined | 'unknown'
  /** Kinds of the host's links (`veth`, `bridge`, …); undefined for hardware. */
  readonly linkKind?: (name: string) => string | undefined
  /** The packet that this one carries in a vxlan tunnel. */
  readonly inner?: Headers
}

/** Packet mark: 0 on arrival, `unknown` after something that cannot be followed. */
export type Mark = number | 'unknown'

/** Answer of a match. `unknown` is said whenever the recorded rule does not let us tell. */
export type Truth = boolean | 'unknown'

export type Condition = (packet: Packet, mark: Mark) => Truth

export const UNKNOWN: Condition = () => 'unknown'

/** Lots that are drawn, or clients that are remembered. */
export const CHANCE: Condition = () => 'unknown'

/** Logical negation that keeps `unknown`. */
export function not(truth: Truth): Truth {
  return truth === 'unknown' ? 'unknown' : !truth
}

/** False as soon as one condition is, else unknown as soon as one is. */
export function all(conditions: readonly Condition[], packet: Packet, mark: Mark): Truth {
  let result: Truth = true
  for (const condition of conditions) {
    const truth = condition(packet, mark)
    if (truth === false) return false
    if (truth === 'unknown') result = 'unknown'
  }
  return result
}

/** False as soon as one answer is, else unknown as soon as one is. */
export function every(truths: Iterable<Truth>): Truth {
  let result: Truth = true
  for (const truth of truths) {
    if (truth === false) return false
    if (truth === 'unknown') result = 'unknown'
  }
  return result
}

/** True as soon as one answer is, else unknown as soon as one is. */
export function any(truths: Iterable<Truth>): Truth {
  let result: Truth = false
  for (const truth of truths) {
    if (truth === true) return true
    if (truth === 'unknown') result = 'unknown'
  }
  return result
}

const MULTICAST: Prefix = { address: 0xe0000000, length: 4 }
const BROADCAST = 0xffffffff

/**
 * The address types of `addrtype` and `fib`: what the kernel's table local says of an address, unicast where it
 * says nothing (Linux `net/ipv4/fib_frontend.c`, `__inet_dev_addr_type`).
 */
export function hasAddressType(packet: Packet, side: 'source' | 'destination', type: string): Truth {
  if (packet.ipv6) return 'unknown'
  const address = packet[side]
  const isLocal = packet.localAddresses.has(address) || address >>> 24 === 127
  const isMulticast = containsAddress(MULTICAST, address)
  const isBroadcast = address === BROADCAST
  switch (type.toUpperCase()) {
    case 'LOCAL':
      return isLocal
    case 'UNICAST':
      return !(isLocal || isMulticast || isBroadcast)
    case 'MULTICAST':
      return isMulticast
    case 'BROADCAST':
      return isBroadcast
    default:
      return false
  }
}

/** Conntrack states by name, as iptables and nft write them; `snat` and `dnat` are said of translated connections. */
export function isInState({ state, isRedirected = false }: Packet, names: readonly string[]): Truth {
  return any(
    names.map((name) => {
      const upper = name.toUpperCase()
      if (upper === 'SNAT') return 'unknown'
      if (upper === 'DNAT') return isRedirected
      return upper === state || (upper === 'INVALID' && state === 'NOT YET')
    }),
  )
}

/** Port as a number; a port of another protocol than the packet's does not exist. */
export function portOf(
  packet: Pick<Headers, 'protocol' | 'sourcePort' | 'destinationPort'>,
  side: 'sourcePort' | 'destinationPort',
): number | undefined {
  return packet.protocol === 'icmp' || packet.protocol === 'icmpv6' ? undefined : packet[side]
}
