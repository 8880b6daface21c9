/** Right-hand sides of nft expressions (`libnftables-json(5)`): single values, ranges, prefixes, sets, names. */
import { containsAddress, formatPrefix, parseAddress, parsePrefix } from '../../model/address.ts'
import { ipv6Number, isInIpv6, parseIpv6Prefix } from '../../model/ipv6.ts'
import { any, protocolName, type Truth } from './packet.ts'

/** A value of the packet: an address, port or mark as number, a link or protocol as text. */
export type PacketValue = number | string | undefined

/** Elements of named sets and maps of one table, by name. */
export type NamedSets = ReadonlyMap<string, readonly unknown[]>

/** Narrows untrusted JSON to an object. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** Names of services that nft prints instead of ports (-j prints numbers; older releases do not always). */
function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string'
    ? (parseAddress(value) ?? (/^\d+$/.test(value) ? Number(value) : undefined))
    : undefined
}

function isInWideRange(range: readonly unknown[], seen: string): Truth {
  const [first, last, address] = [...range.slice(0, 2), seen].map((one) => ipv6Number(String(one)))
  if (first === undefined || last === undefined || address === undefined) return 'unknown'
  return address >= first && address <= last
}

function isInRange(range: unknown, seen: PacketValue): Truth {
  if (Array.isArray(range) && typeof seen === 'string') return isInWideRange(range, seen)
  if (!Array.isArray(range) || typeof seen !== 'number') return 'unknown'
  const [first, last] = range.map(asNumber)
  return first === undefined || last === undefined ? 'unknown' : seen >= first && seen <= last
}

function isInPrefix(prefix: unknown, seen: PacketValue): Truth {
  const { addr, len } = asObject(prefix) ?? {}
  if (typeof seen === 'string') {
    const wide = parseIpv6Prefix(`${addr}/${len}`)
    return wide ? isInIpv6(seen, wide) : 'unknown'
  }
  const parsed = parsePrefix(`${addr}/${len}`)
  if (parsed === undefined || typeof seen !== 'number') return 'unknown'
  return containsAddress(parsed, seen)
}

function isText(printed: string, seen: PacketValue): Truth {
  if (typeof seen === 'number') {
    const number = asNumber(printed)
    return number === undefined ? 'unknown' : number === seen
  }
  const name = protocolName(seen ?? '')
  const wanted = protocolName(printed)
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted
}

/** Elements of a set: the elements themselves, or wrapped with a timeout or counter. */
function unwrapElement(element: unknown): unknown {
  const wrapped = asObject(asObject(element)?.elem)
  return wrapped && 'val' in wrapped ? wrapped.val : element
}

/** The elements that a right side stands for: those of a named set, of a set, or itself; undefined where they are not known. */
export function setElements(right: unknown, sets: NamedSets): readonly unknown[] | undefined {
  if (typeof right === 'string' && right.startsWith('@')) return sets.get(right.slice(1))?.map(unwrapElement)
  const { set } = asObject(right) ?? {}
  return Array.isArray(set) ? set.map(unwrapElement) : [right]
}

function isInObject(value: Readonly<Record<string, unknown>>, seen: PacketValue, sets: NamedSets): Truth {
  if ('prefix' in value) return isInPrefix(value.prefix, seen)
  if ('range' in value) return isInRange(value.range, seen)
  if (Array.isArray(value.set)) return any(value.set.map((item) => isAmong(unwrapElement(item), seen, sets)))
  if ('elem' in value) return isAmong(unwrapElement(value), seen, sets)
  return 'unknown'
}

/** True when the packet's value equals, or lies in, what the right side says. */
export function isAmong(right: unknown, seen: PacketValue, sets: NamedSets): Truth {
  if (Array.isArray(right)) return any(right.map((item) => isAmong(item, seen, sets)))
  if (typeof right === 'number') return seen === right
  if (typeof right === 'string') {
    if (right === '*') return true
    if (!right.startsWith('@')) return isText(right, seen)
    const elements = sets.get(right.slice(1))
    if (elements === undefined) return 'unknown'
    return any(elements.map((item) => isAmong(unwrapElement(item), seen, sets)))
  }
  const value = asObject(right)
  return value === undefined ? 'unknown' : isInObject(value, seen, sets)
}

/** The right side as a person reads it in `nft list ruleset`. */
export function rightText(right: unknown): string {
  if (Array.isArray(right)) return right.map(rightText).join(',')
  const value = asObject(right)
  if (value === undefined) return String(right)
  if (Array.isArray(value.set)) return `{ ${value.set.map(rightText).join(', ')} }`
  if (Array.isArray(value.range)) return value.range.map(rightText).join('-')
  const { addr, len } = asObject(value.prefix) ?? {}
  const prefix = parsePrefix(`${addr}/${len}`)
  return prefix ? formatPrefix(prefix) : JSON.stringify(right)
}
