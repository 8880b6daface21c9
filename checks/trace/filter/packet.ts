/** The packet that is walked through a host's filters, and the three-valued answers of their matches. */
import type { Prefix } from '../../model/address.ts'
import { containsAddress } from '../../model/address.ts'

/** Conntrack's view of the packet: the first of its flow, a later one in either direction, or an answer without a question. */
export type ConntrackState = 'NEW' | 'ESTABLISHED' | 'INVALID'

/** One IPv4 packet at a netfilter hook of one host. */
export interface Packet {
  readonly source: number
  readonly destination: number
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  /** Absent for icmp. */
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** Name of the link it came in on; absent for packets of the host itself. */
  readonly inLink?: string
  /** Name of the link it will leave by; absent before routing and for local delivery. */
  readonly outLink?: string
  readonly state: ConntrackState
  /** IPv4 addresses of the host, for matches on the address type. */
  readonly localAddresses: ReadonlySet<number>
}

/** Packet mark: 0 on arrival, `unknown` after something that cannot be followed. */
export type Mark = number | 'unknown'

/** Answer of a match. `unknown` is said whenever the recorded rule does not let us tell. */
export type Truth = boolean | 'unknown'

export type Condition = (packet: Packet, mark: Mark) => Truth

export const UNKNOWN: Condition = () => 'unknown'

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

/** The address types of `addrtype` and `fib` that can be told from the host's own addresses. */
export function hasAddressType(packet: Packet, address: number, type: string): Truth {
  const isLocal = packet.localAddresses.has(address) || address >>> 24 === 127
  const isMulticast = containsAddress(MULTICAST, address)
  switch (type.toUpperCase()) {
    case 'LOCAL':
      return isLocal
    case 'UNICAST':
      return isLocal || isMulticast ? false : 'unknown'
    case 'MULTICAST':
      return isMulticast
    default:
      return 'unknown'
  }
}

/** Conntrack states by name, as iptables and nft write them; the walked packets are never translated by DNAT. */
export function isInState(packet: Packet, names: readonly string[]): Truth {
  return any(
    names.map((name) => {
      const upper = name.toUpperCase()
      return upper === 'SNAT' ? 'unknown' : upper === packet.state
    }),
  )
}
