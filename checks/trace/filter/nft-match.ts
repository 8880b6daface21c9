/** Match statements of nft rules to conditions. */

import { asObject, isAmong, type NamedSets, type PacketValue } from './nft-value.ts'
import {
  type Condition,
  hasAddressType,
  isInState,
  type Mark,
  not,
  type Packet,
  type Truth,
  UNKNOWN,
} from './packet.ts'

/** A left side that can be read from the packet; `applies` false means that no packet value exists and nothing matches. */
type Read = (packet: Packet, mark: Mark) => { readonly value: PacketValue } | 'unknown' | 'no-match'

const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 }

const FIELDS: Readonly<Record<string, (packet: Packet) => PacketValue>> = {
  'ip saddr': (packet) => packet.source,
  'ip daddr': (packet) => packet.destination,
  'ip protocol': (packet) => packet.protocol,
  sport: (packet) => packet.sourcePort,
  dport: (packet) => packet.destinationPort,
}

/** Whether a header of that name is in the packet; `th` is whatever transport header there is. */
function hasHeader(packet: Packet, protocol: unknown): Truth {
  if (protocol === 'ip' || protocol === 'th' || protocol === packet.protocol) return true
  if (protocol === 'ip6' || protocol === 'arp') return false
  return typeof protocol === 'string' && protocol in PROTOCOL_NUMBERS ? false : 'unknown'
}

function readPayload({ protocol, field }: Readonly<Record<string, unknown>>): Read {
  const readField = FIELDS[protocol === 'ip' ? `ip ${field}` : String(field)]
  return (packet) => {
    const present = hasHeader(packet, protocol)
    if (present !== true) return present === false ? 'no-match' : 'unknown'
    return readField === undefined ? 'unknown' : { value: readField(packet) }
  }
}

function readMeta(key: unknown): Read {
  return (packet, mark) => {
    switch (key) {
      case 'iifname':
      case 'iif':
        return { value: packet.inLink }
      case 'oifname':
      case 'oif':
        return { value: packet.outLink }
      case 'l4proto':
        return { value: packet.protocol }
      case 'nfproto':
        return { value: 'ipv4' }
      case 'protocol':
        return { value: 'ip' }
      case 'mark':
        return mark === 'unknown' ? 'unknown' : { value: mark }
      default:
        return 'unknown'
    }
  }
}

/** `meta mark & 0x4000`: both tools and kube-proxy write it so. */
function readMasked(operands: unknown): Read {
  const [left, mask] = Array.isArray(operands) ? operands : []
  const read = readLeft(left)
  return (packet, mark) => {
    const seen = read(packet, mark)
    if (typeof seen === 'string') return seen
    const isNumeric = typeof seen.value === 'number' && typeof mask === 'number'
    return isNumeric ? { value: ((seen.value as number) & mask) >>> 0 } : 'unknown'
  }
}

function readLeft(left: unknown): Read {
  const expression = asObject(left) ?? {}
  const payload = asObject(expression.payload)
  if (payload) return readPayload(payload)
  const meta = asObject(expression.meta)
  if (meta) return readMeta(meta.key)
  if ('&' in expression) return readMasked(expression['&'])
  return () => 'unknown'
}

function namesOf(right: unknown): string[] {
  const items = Array.isArray(right) ? right : (asObject(right)?.set ?? [right])
  return (Array.isArray(items) ? items : []).map(String)
}

/** `ct state` and `ct status dnat`; the walked packets are not translated on arrival. */
function ctCondition(key: unknown, right: unknown): Condition {
  if (key === 'state') return (packet) => isInState(packet, namesOf(right))
  if (key === 'status' && namesOf(right).every((name) => name === 'dnat')) return () => false
  return UNKNOWN
}

/** `fib daddr type local`. */
function fibCondition(fib: Readonly<Record<string, unknown>>, right: unknown): Condition {
  const flags = namesOf(fib.flags)
  const [flag] = flags
  if (fib.result !== 'type' || flags.length !== 1 || (flag !== 'daddr' && flag !== 'saddr')) return UNKNOWN
  const [type = '', ...others] = namesOf(right)
  if (others.length > 0) return UNKNOWN
  return (packet) => hasAddressType(packet, flag === 'daddr' ? packet.destination : packet.source, type)
}

/** A protocol without a name is printed by number; a name in the set then says nothing about it. */
function compared(right: unknown, sets: NamedSets): (seen: PacketValue) => Truth {
  return (seen) => {
    const byName = isAmong(right, seen, sets)
    const number = typeof seen === 'string' ? PROTOCOL_NUMBERS[seen] : undefined
    return byName === false && number !== undefined ? isAmong(right, number, sets) === true : byName
  }
}

function ordered(op: unknown, seen: PacketValue, right: unknown): Truth {
  if (typeof seen !== 'number' || typeof right !== 'number') return 'unknown'
  switch (op) {
    case '<':
      return seen < right
    case '>':
      return seen > right
    case '<=':
      return seen <= right
    case '>=':
      return seen >= right
    default:
      return 'unknown'
  }
}

/** True when `left` (an nft expression) of the packet is among `right`. */
export function isEqual(left: unknown, right: unknown, sets: NamedSets): Condition {
  const expression = asObject(left) ?? {}
  const ct = asObject(expression.ct)
  if (ct) return ctCondition(ct.key, right)
  const fib = asObject(expression.fib)
  if (fib) return fibCondition(fib, right)
  const read = readLeft(left)
  const compare = compared(right, sets)
  return (packet, mark) => {
    const seen = read(packet, mark)
    if (typeof seen === 'string') return seen === 'unknown' ? 'unknown' : false
    return compare(seen.value)
  }
}

/** A `match` statement. Operators and operands that are not followed give a condition of unknown answer. */
export function matchCondition(match: Readonly<Record<string, unknown>>, sets: NamedSets): Condition {
  const { op, left, right } = match
  if (op === '==' || op === 'in') return isEqual(left, right, sets)
  const read = readLeft(left)
  if (op === '!=') {
    const equal = isEqual(left, right, sets)
    return (packet, mark) => (read(packet, mark) === 'no-match' ? false : not(equal(packet, mark)))
  }
  return (packet, mark) => {
    const seen = read(packet, mark)
    if (typeof seen === 'string') return seen === 'unknown' ? 'unknown' : false
    return ordered(op, seen.value, right)
  }
}
