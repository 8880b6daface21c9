/**
 * Which table the policy rules send a packet to (Linux `net/core/fib_rules.c`,
 * `fib_rules_lookup`): rules in order of priority, the first whose table has a route decides.
 */
import { containsAddress, parsePrefix } from '../model/address.ts'
import type { PolicyRule, Route } from '../model/route.ts'
import { coveringRoute, type RouteIndex } from './route-lookup.ts'

/** A packet without mark, as it is forwarded. */
export interface RoutedPacket {
  readonly source: number
  readonly destination: number
  readonly inLink: string
}

/** The rule that decided, and the route of its table; `unknown` where a rule cannot be followed. */
export type RuledRoute =
  | { readonly kind: 'route'; readonly rule: PolicyRule; readonly route: Route }
  | { readonly kind: 'refused'; readonly rule: PolicyRule; readonly action: string }
  | { readonly kind: 'unknown'; readonly rule: PolicyRule }
  | { readonly kind: 'none' }

const REFUSALS = new Set(['blackhole', 'unreachable', 'prohibit'])

function within(prefix: string | undefined, address: number): boolean | undefined {
  if (prefix === undefined || prefix === 'all') return true
  const parsed = parsePrefix(prefix)
  return parsed === undefined ? undefined : containsAddress(parsed, address)
}

/** Whether a mark of 0 is selected by `VALUE` or `VALUE/MASK`. */
function selectsNoMark(text: string): boolean {
  const [value = '', mask = '0xffffffff'] = text.split('/')
  return (Number(value) & Number(mask)) === 0
}

/** One selector of a rule; true for words that select nothing, undefined for one that is not known. */
function selects(word: string, packet: RoutedPacket): boolean | undefined {
  const [key = '', value = ''] = word.split(' ')
  if (key === 'iif') return value === packet.inLink
  if (key === 'oif') return false
  if (key === 'fwmark') return selectsNoMark(value)
  if (REFUSALS.has(key) || key === 'not' || key === 'suppress_prefixlength' || key === 'protocol') return true
  return undefined
}

/** Whether the rule selects the packet; undefined when it cannot be told. */
function matches(rule: PolicyRule, packet: RoutedPacket): boolean | undefined {
  const answers = [
    within(rule.from, packet.source),
    within(rule.to, packet.destination),
    ...rule.other.map((word) => selects(word, packet)),
  ]
  const all = answers.includes(false) ? false : answers.includes(undefined) ? undefined : true
  return rule.other.includes('not') && all !== undefined ? !all : all
}

/** Routes of at most this length do not count (`suppress_prefixlength`). */
function suppressed({ other }: PolicyRule): number {
  const word = other.find((one) => one.startsWith('suppress_prefixlength '))
  return word === undefined ? -1 : Number(word.split(' ')[1])
}

/** What one rule does with the packet; undefined when it leaves it to the next. */
function ruled(rule: PolicyRule, index: RouteIndex, packet: RoutedPacket): RuledRoute | undefined {
  const isMatch = matches(rule, packet)
  if (isMatch === false) return undefined
  const action = rule.other.find((word) => REFUSALS.has(word))
  if (action !== undefined) return isMatch ? { kind: 'refused', rule, action } : { kind: 'unknown', rule }
  const destination = { address: packet.destination, length: 32 }
  const route = rule.table === undefined ? undefined : coveringRoute(index, destination, rule.table)
  if (route === undefined || route.type === 'throw' || route.destination.length <= suppressed(rule)) {
    return undefined
  }
  return isMatch ? { kind: 'route', rule, route } : { kind: 'unknown', rule }
}

/** Follows the rules for one packet; local addresses are left to table local, which comes first. */
export function followRules(
  rules: readonly PolicyRule[],
  index: RouteIndex,
  packet: RoutedPacket,
): RuledRoute {
  for (const rule of [...rules].sort((a, b) => a.priority - b.priority)) {
    const found = ruled(rule, index, packet)
    if (found !== undefined) return found
  }
  return { kind: 'none' }
}
