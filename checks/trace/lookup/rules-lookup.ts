/**
 * The route of one packet through policy rules and tables, as the kernel finds it: rules in order
 * of priority, in each table the longest prefix and then the lowest metric; a table without a
 * route hands on to the next rule (Linux `net/core/fib_rules.c`, `fib_rules_lookup`, and
 * `net/ipv4/fib_rules.c`, `fib4_rule_match`). A rule that cannot be followed makes the answer unknown.
 */
import { containsAddress, netmask, parsePrefix } from '../../model/address.ts'
import { type PolicyRule, REDIRECTED, type Route } from '../../model/route.ts'
import type { Truth } from '../filter/packet.ts'
import { byPriority } from './by-priority.ts'
import { lengthsIn, type RouteIndex, routesTo } from './route-lookup.ts'
import { REFUSALS, ruleSelects, type Selected } from './rule-match.ts'

/** What the kernel looks a route up with. */
export interface Flow extends Selected {
  /** Absent while a host's own packet has no source address yet. */
  readonly source?: number
  readonly destination: number
}

/** A route, and the policy rule that led to its table. */
export interface FoundRoute<R = Route> {
  readonly kind: 'route'
  readonly route: R
  readonly rule: PolicyRule
}

export type RouteAnswer<R = Route> =
  | FoundRoute<R>
  /** A rule of that action ended the search. */
  | { readonly kind: 'refused'; readonly action: string; readonly rule: PolicyRule }
  | { readonly kind: 'none' }
  /** `route`: the first of several next hops, where that is what is not known. */
  | {
      readonly kind: 'unknown'
      readonly why: string
      readonly rule: PolicyRule
      readonly route?: R
    }

/** Numbers of the kernel's own tables (include/uapi/linux/rtnetlink.h, `rt_class_t`). */
const TABLE_NAMES: ReadonlyMap<string, string> = new Map([
  ['255', 'local'],
  ['254', 'main'],
  ['253', 'default'],
])

/** What a lookup of one family asks for one packet. */
export interface Lookup<R> {
  readonly selects: (rule: PolicyRule) => Truth
  /** The best route of a table, named as the kernel's own are; undefined where it has none. */
  readonly routeIn: (table: string) => R | undefined
  readonly lengthOf: (route: R) => number
}

interface AnyRoute {
  readonly type: string
  readonly isBalanced?: true
}

/** The number after a word of the rule: `goto 500`. */
function numberAfter({ other }: PolicyRule, key: string): number | undefined {
  const word = other.find((one) => one.startsWith(`${key} `))
  return word === undefined ? undefined : Number(word.slice(key.length + 1))
}

function routeInTable(index: RouteIndex, table: string, destination: number): readonly Route[] {
  for (const length of lengthsIn(index, table)) {
    const address = (destination & netmask(length)) >>> 0
    const found = routesTo(index, { address, length }, table)
    if (found.length > 0) return found
  }
  return []
}

/**
 * What an ICMP redirect made of the next hop for this address: the kernel keeps it beside the route by whose gateway it
 * sent until then (Linux `net/ipv4/route.c`, `__ip_do_redirect`, `update_or_create_fnhe`).
 */
function redirected(index: RouteIndex, { gateway, link }: Route, { destination }: Flow): Route | undefined {
  if (gateway === undefined || lengthsIn(index, REDIRECTED).length === 0) return undefined
  const told = routesTo(index, { address: destination, length: 32 }, REDIRECTED)
  return told.find((one) => one.link === link)
}

/** What a matching rule does; undefined when it leaves the packet to the next. */
function applied<R extends AnyRoute>(rule: PolicyRule, lookup: Lookup<R>): RouteAnswer<R> | undefined {
  const action = rule.other.find((word) => REFUSALS.includes(word))
  if (action !== undefined) return { kind: 'refused', action, rule }
  const { table } = rule
  const route = table === undefined ? undefined : lookup.routeIn(TABLE_NAMES.get(table) ?? table)
  if (route === undefined || route.type === 'throw') return undefined
  if (lookup.lengthOf(route) <= (numberAfter(rule, 'suppress_prefixlength') ?? -1)) return undefined
  if (route.isBalanced) return { kind: 'unknown', why: 'the route has several next hops', rule, route }
  return { kind: 'route', route, rule }
}

/** `32766: from all lookup main`, as `ip rule` prints it. */
export function ruleText({ priority, from, to, table, other }: PolicyRule): string {
  const selector = [`from ${from}`, ...(to === undefined ? [] : [`to ${to}`]), ...other].join(' ')
  return `${priority}: ${selector}${table === undefined ? '' : ` lookup ${table}`}`
}

/** The route that rules lead a packet to. `rules` need not be sorted. */
export function followRules<R extends AnyRoute>(
  rules: readonly PolicyRule[],
  lookup: Lookup<R>,
): RouteAnswer<R> {
  let from = 0
  for (const rule of byPriority(rules)) {
    if (rule.priority < from) continue
    const match = lookup.selects(rule)
    if (match === false) continue
    const target = numberAfter(rule, 'goto')
    const answer = target === undefined ? applied(rule, lookup) : undefined
    if (match === 'unknown' && (answer !== undefined || target !== undefined)) {
      return { kind: 'unknown', why: `policy rule ${ruleText(rule)} cannot be followed`, rule }
    }
    if (answer !== undefined) return answer
    if (target !== undefined) from = target
  }
  return { kind: 'none' }
}

function inPrefix(text: string, address: number | undefined): Truth {
  const prefix = parsePrefix(text)
  return prefix === undefined ? 'unknown' : containsAddress(prefix, address ?? 0)
}

/** The route of an IPv4 packet. `rules` need not be sorted. */
export function lookupFlow(rules: readonly PolicyRule[], index: RouteIndex, flow: Flow): RouteAnswer {
  const answer = followRules<Route>(rules, {
    selects: (rule) => ruleSelects(rule, flow, (side, prefix) => inPrefix(prefix, flow[side])),
    routeIn: (table) => routeInTable(index, table, flow.destination)[0],
    lengthOf: ({ destination }) => destination.length,
  })
  if (answer.kind !== 'route') return answer
  return { ...answer, route: redirected(index, answer.route, flow) ?? answer.route }
}
