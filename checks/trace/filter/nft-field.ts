/** What the left side of an nft expression (`libnftables-json(5)`) reads from a packet. */
import { NFT_ICMPV6 } from './icmpv6-names.ts'
import { etherType, readCt, readMeta } from './nft-meta.ts'
import { type Read, readRaw } from './nft-raw.ts'
import { asObject, type PacketValue } from './nft-value.ts'
import { type Headers, PROTOCOL_NUMBERS, portOf } from './packet.ts'

/** Bits of the TCP header's flags. */
const TCP_FLAGS: Readonly<Record<string, number>> = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ecn: 64,
  cwr: 128,
}

/** Header fields by `protocol field`; undefined where the walk does not know them. */
const FIELDS: Readonly<Record<string, (packet: Headers) => PacketValue>> = {
  'ip6 saddr': ({ ipv6 }) => ipv6?.source,
  'ip6 daddr': ({ ipv6 }) => ipv6?.destination,
  'ip6 nexthdr': ({ protocol }) => protocol,
  'ip6 version': () => 6,
  'ip6 hoplimit': ({ ttl }) => ttl,
  'icmpv6 code': () => 0,
  'icmpv6 type': ({ icmpType }) => NFT_ICMPV6.get(icmpType),
  'ip saddr': ({ source }) => source,
  'ip daddr': ({ destination }) => destination,
  'ip protocol': ({ protocol }) => protocol,
  'ip length': ({ size }) => size,
  'ip ttl': ({ ttl }) => ttl,
  'ether type': etherType,
  'ip version': () => 4,
  'ip hdrlength': () => 5,
  'ip dscp': () => 'cs0',
  'arp operation': ({ arp }) => arp,
  'arp htype': () => 1,
  'arp hlen': () => 6,
  'arp plen': () => 4,
  'arp saddr ip': ({ source }) => source,
  'arp daddr ip': ({ destination }) => destination,
  'ip ecn': () => 'not-ect',
  'icmp type': ({ icmpType }) =>
    icmpType === 0 ? 'echo-reply' : icmpType === 8 ? 'echo-request' : undefined,
  'icmp code': () => 0,
  'tcp flags': ({ tcpFlags }) => tcpFlags && flagBits(tcpFlags),
  'udp length': ({ size }) => (size === undefined ? undefined : size - 20),
  sport: (packet) => portOf(packet, 'sourcePort'),
  dport: (packet) => portOf(packet, 'destinationPort'),
}

/** Names of flags, in one list or one by one, as bits; undefined for any other name. */
export function flagBits(names: readonly unknown[]): number | undefined {
  let bits = 0
  for (const name of names) {
    const bit = typeof name === 'string' ? TCP_FLAGS[name] : undefined
    if (bit === undefined) return undefined
    bits |= bit
  }
  return bits
}

const OTHER_PROTOCOLS = new Set([
  'ip6',
  'arp',
  'ip',
  'sctp',
  'dccp',
  'udplite',
  'esp',
  'ah',
  'comp',
  'igmp',
  'gre',
])

/** Whether a header of that name is in the packet; `th` is whatever transport header there is. */
function hasHeader(packet: Headers, protocol: unknown): boolean | 'unknown' {
  if (protocol === 'ether') return true
  if (packet.arp !== undefined) return protocol === 'arp'
  if (protocol === etherType(packet) || protocol === packet.protocol) return true
  if (protocol === 'th') return packet.protocol !== 'icmp' && packet.protocol !== 'icmpv6'
  if (OTHER_PROTOCOLS.has(String(protocol))) return false
  return typeof protocol === 'string' && protocol in PROTOCOL_NUMBERS ? false : 'unknown'
}

function readField({ protocol, field }: Readonly<Record<string, unknown>>): Read {
  const read =
    FIELDS[`${protocol} ${field}`] ?? (field === 'sport' || field === 'dport' ? FIELDS[field] : undefined)
  return (packet) => {
    const present = hasHeader(packet, protocol)
    if (present !== true) return present === false ? 'no-match' : 'unknown'
    const value = read?.(packet)
    return value === undefined ? 'unknown' : { value }
  }
}

/** The header field or raw bits of a `payload` expression. */
function readPayload(payload: Readonly<Record<string, unknown>>): Read {
  return 'base' in payload ? readRaw(payload) : readField(payload)
}

const BITWISE: Readonly<Record<string, (a: number, b: number) => number>> = {
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >>> b,
}

/** A constant operand: a number, or names of flags. */
function constant(operand: unknown): number | undefined {
  if (typeof operand === 'number') return operand
  const names = asObject(operand)?.['|'] ?? operand
  return flagBits(Array.isArray(names) ? names : [names])
}

/** `meta mark & 0x4000`: both tools and kube-proxy write it so. */
function readBits(operator: string, operands: unknown): Read {
  const [left, right] = Array.isArray(operands) ? operands : []
  const read = readLeft(left)
  const operand = constant(right)
  const apply = BITWISE[operator]
  return (packet, mark) => {
    const seen = read(packet, mark)
    if (typeof seen === 'string') return seen
    if (typeof seen.value !== 'number' || operand === undefined || apply === undefined) return 'unknown'
    return { value: apply(seen.value, operand) >>> 0 }
  }
}

const BY_KIND: Readonly<Record<string, (parts: Readonly<Record<string, unknown>>) => Read>> = {
  payload: readPayload,
  meta: ({ key }) => readMeta(key),
  ct: readCt,
}

/** Any left side. One that is not followed is unknown. */
export function readLeft(left: unknown): Read {
  if (typeof left === 'number') return () => ({ value: left })
  const [[kind = '', argument] = []] = Object.entries(asObject(left) ?? {})
  const read = kind in BITWISE ? readBits(kind, argument) : BY_KIND[kind]?.(asObject(argument) ?? {})
  return read ?? (() => 'unknown')
}
