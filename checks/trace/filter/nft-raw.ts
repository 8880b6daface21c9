/** Raw bits of a packet as nft writes them (`@nh,96,32`), also of the packet inside a vxlan packet. */
import type { PacketValue } from './nft-value.ts'
import { type Headers, type Mark, type Packet, PROTOCOL_NUMBERS, portOf } from './packet.ts'

/** A value of the packet; `no-match` where the packet has no such thing, so that nothing matches. */
export type Seen = { readonly value: PacketValue } | 'unknown' | 'no-match'
export type Read = (packet: Packet, mark: Mark) => Seen

/** Numbers of the names that nft prints: protocols, and the types of a ping. */
export const NUMBERS: Readonly<Record<string, number>> = {
  'echo-reply': 0,
  'echo-request': 8,
  icmp: 1,
  icmpv6: 58,
  tcp: 6,
  udp: 17,
}

/** Bits of the IPv4 packet inside a vxlan packet, behind UDP, vxlan and Ethernet headers. */
const INNER_IP_BITS = (8 + 8 + 14) * 8

/** Raw bits of an IPv4 header by their offset from its start: protocol, source, destination; behind it the ports. */
const RAW_FIELDS: readonly (readonly [
  offset: number,
  length: number,
  read: (of: Headers) => number | undefined,
])[] = [
  [0, 4, () => 4],
  [0, 8, () => 0x45],
  [16, 16, ({ size }) => size],
  [64, 8, ({ ttl }) => ttl],
  [72, 8, ({ protocol }) => PROTOCOL_NUMBERS[protocol]],
  [96, 32, ({ source }) => source],
  [128, 32, ({ destination }) => destination],
  [160, 16, (of) => portOf(of, 'sourcePort')],
  [176, 16, (of) => portOf(of, 'destinationPort')],
  [160, 8, ({ protocol, icmpType }) => (protocol === 'icmp' ? icmpType : undefined)],
]

function rawOf(headers: Headers | undefined, offset: number, length: number): Seen {
  const found = RAW_FIELDS.filter(([at, bits]) => at === offset && bits === length)
  const value = headers && found.map(([, , read]) => read(headers)).find((one) => one !== undefined)
  return value === undefined ? 'unknown' : { value }
}

/** `@nh,96,32` and `@th,312,8`: bits of this packet's own header, or of the packet inside it. */
export function readRaw({ base, offset, len }: Readonly<Record<string, unknown>>): Read {
  const [at, bits] = [Number(offset), Number(len)]
  return (packet) => {
    if (packet.ipv6) return 'unknown'
    if (base === 'nh') return rawOf(packet, at, bits)
    if (base !== 'th') return 'unknown'
    return packet.inner && at >= INNER_IP_BITS
      ? rawOf(packet.inner, at - INNER_IP_BITS, bits)
      : rawOf(packet, at + 160, bits)
  }
}
