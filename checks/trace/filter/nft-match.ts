/** Match statements of nft rules to conditions. */
import { flagBits, readLeft } from './nft-field.ts'
import { NUMBERS, type Read, type Seen } from './nft-raw.ts'
import { asObject, isAmong, type NamedSets, type PacketValue, setElements } from './nft-value.ts'
import {
  any,
  type Condition,
  every,
  hasAddressType,
  isInState,
  not,
  type Packet,
  type Truth,
  UNKNOWN,
} from './packet.ts'

function namesOf(right: unknown): string[] {
  const items = Array.isArray(right) ? right : (asObject(right)?.set ?? [right])
  return (Array.isArray(items) ? items : []).map(String)
}

/** Bits of `ct status` (nf_conntrack_common.h): of these the walk knows whether an answer was seen; it translates nothing on arrival. */
function statusCondition(names: readonly string[]): Condition {
  return ({ state, isRedirected = false }) =>
    any(
      names.map((name) => {
        if (name === 'dnat') return isRedirected
        if (name === 'snat' || name === 'dying' || name === 'expected') return false
        if (name === 'seen-reply') return state === 'ESTABLISHED'
        return 'unknown'
      }),
    )
}

/** `ct state` and `ct status`; undefined for keys that are values. */
function ctCondition(key: unknown, right: unknown): Condition | undefined {
  if (key === 'state') return (packet) => isInState(packet, namesOf(right))
  return key === 'status' ? statusCondition(namesOf(right)) : undefined
}

/** `fib daddr type local`; `fib saddr . iif oif missing`, the reverse path. */
function fibCondition(fib: Readonly<Record<string, unknown>>, right: unknown): Condition {
  const flags = namesOf(fib.flags)
  const side = flags.includes('daddr') ? 'destination' : 'source'
  if (fib.result === 'type')
    return (packet) => any(namesOf(right).map((type) => hasAddressType(packet, side, type)))
  if (side === 'destination' || !['oif', 'oifname'].includes(String(fib.result))) return UNKNOWN
  return (packet) => isWayBack(packet, flags.includes('iif'), right)
}

/** With `iif` only a way back by that link counts; `missing` and `exists` are printed as false and true. */
function isWayBack({ wayBack, inLink }: Packet, isSameLink: boolean, right: unknown): Truth {
  const link = wayBack === undefined ? 'unknown' : wayBack()
  if (link === 'unknown') return 'unknown'
  const found = isSameLink && link !== inLink ? undefined : link
  return typeof right === 'boolean' ? (found !== undefined) === right : String(right) === (found ?? '')
}

/** A protocol without a name is printed by number; a name in the set then says nothing about it. */
function compareOne(right: unknown, seen: PacketValue, sets: NamedSets): Truth {
  const byName = isAmong(right, seen, sets)
  const number = typeof seen === 'string' ? NUMBERS[seen] : undefined
  return byName === false && number !== undefined ? isAmong(right, number, sets) === true : byName
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

/** Elements of `a . b`: each part among its own. */
function concatenated(parts: readonly unknown[], right: unknown, sets: NamedSets): Condition {
  const reads = parts.map(readLeft)
  const elements = setElements(right, sets)
  if (elements === undefined) return UNKNOWN
  return (packet, mark) => {
    const seen = reads.map((read) => read(packet, mark))
    if (seen.includes('no-match')) return false
    return any(elements.map((element) => isElement(seen, element, sets)))
  }
}

function isElement(seen: readonly Seen[], element: unknown, sets: NamedSets): Truth {
  const parts = asObject(element)?.concat
  if (!Array.isArray(parts)) return 'unknown'
  return every(
    seen.map((one, at) => (typeof one === 'string' ? 'unknown' : compareOne(parts[at], one.value, sets))),
  )
}

/** TCP flags are compared as bits: `syn` alone means that this bit is among them. */
function flagCondition(left: unknown, right: unknown): Condition | undefined {
  const isBits = '&' in (asObject(left) ?? {})
  const field = asObject(asObject(left)?.payload)?.field
  if (field !== 'flags' && !isBits) return undefined
  const list = asObject(right)?.['|'] ?? right
  const bits = flagBits(Array.isArray(list) ? list : [list])
  if (bits === undefined) return undefined
  const read = readLeft(left)
  return (packet, mark) => {
    const seen = read(packet, mark)
    if (typeof seen === 'string') return seen === 'unknown' ? 'unknown' : false
    return isBits ? seen.value === bits : (Number(seen.value) & bits) !== 0
  }
}

/** True when `left` (an nft expression) of the packet is among `right`. */
export function isEqual(left: unknown, right: unknown, sets: NamedSets): Condition {
  const expression = asObject(left) ?? {}
  if (Array.isArray(expression.concat)) return concatenated(expression.concat, right, sets)
  const ct = asObject(expression.ct)
  const byName = ct && ctCondition(ct.key, right)
  if (byName) return byName
  const fib = asObject(expression.fib)
  if (fib) return fibCondition(fib, right)
  const byFlags = flagCondition(left, right)
  if (byFlags) return byFlags
  const read = readLeft(left)
  return (packet, mark) => {
    const seen = read(packet, mark)
    if (typeof seen === 'string') return seen === 'unknown' ? 'unknown' : false
    return compareOne(right, seen.value, sets)
  }
}

/** The opposite of a comparison, except for a packet that has no such value: nothing matches it. */
function unequal(left: unknown, right: unknown, sets: NamedSets): Condition {
  const equal = isEqual(left, right, sets)
  const parts = asObject(left)?.concat
  const reads: readonly Read[] = (Array.isArray(parts) ? parts : [left]).map(readLeft)
  return (packet, mark) =>
    reads.some((read) => read(packet, mark) === 'no-match') ? false : not(equal(packet, mark))
}

/** A `match` statement. Operators and operands that are not followed give a condition of unknown answer. */
export function matchCondition(match: Readonly<Record<string, unknown>>, sets: NamedSets): Condition {
  const { op, left, right } = match
  if (op === '==' || op === 'in') return isEqual(left, right, sets)
  if (op === '!=') return unequal(left, right, sets)
  const read = readLeft(left)
  return (packet, mark) => {
    const seen = read(packet, mark)
    if (typeof seen === 'string') return seen === 'unknown' ? 'unknown' : false
    return ordered(op, seen.value, right)
  }
}
