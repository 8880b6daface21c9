/**
 * The route of one IPv6 packet through policy rules and tables, as the kernel finds it (Linux `net/ipv6/fib6_rules.c`,
 * `fib6_rule_match`; `net/ipv6/ip6_fib.c`, `fib6_node_lookup`): the longest prefix, then the lowest metric.
 */
import { isInIpv6, parseIpv6Prefix, printedIpv6Network } from '../../model/ipv6.ts'
import type { Ipv6Route, Ipv6State } from '../../model/ipv6-state.ts'
import type { PolicyRule } from '../../model/route.ts'
import type { Truth } from '../filter/packet.ts'
import { ruleSelects, type Selected } from './rule-match.ts'
import { followRules, type RouteAnswer } from './rules-lookup.ts'

/** What the kernel looks an IPv6 route up with. */
export interface Ipv6Flow extends Selected {
  /** Absent while a host's own packet has no source address yet: no rule for a source selects it. */
  readonly source?: string
  readonly destination: string
}

/** Routes of one table by their destination, best first, and the prefix lengths in use, longest first. */
interface Ipv6Table {
  readonly byNetwork: ReadonlyMap<string, readonly Ipv6Route[]>
  readonly lengths: readonly number[]
}

/** The two rules that a kernel without policy rules acts by. */
const USUAL_RULES: readonly PolicyRule[] = ['local', 'main'].map((table, priority) => {
  return { priority, from: 'all', table, other: [] }
})

/** The length of a route's destination. */
export function lengthOf({ destination }: Pick<Ipv6Route, 'destination'>): number {
  return Number(destination.slice(destination.indexOf('/') + 1))
}

function tableOf(routes: readonly Ipv6Route[]): Ipv6Table {
  const ordered = routes.toSorted((a, b) => a.metric - b.metric)
  return {
    byNetwork: Map.groupBy(ordered, ({ destination }) => destination),
    lengths: [...new Set(routes.map(lengthOf))].sort((a, b) => b - a),
  }
}

const indexes = new WeakMap<readonly Ipv6Route[], ReadonlyMap<string, Ipv6Table>>()

function tablesOf(routes: readonly Ipv6Route[]): ReadonlyMap<string, Ipv6Table> {
  const known = indexes.get(routes)
  if (known) return known
  const byTable = Map.groupBy(routes, ({ table }) => table)
  const found = new Map([...byTable].map(([table, own]) => [table, tableOf(own)]))
  indexes.set(routes, found)
  return found
}

/** True where two routes lead packets the same way. */
export function leadsAlike(a: Ipv6Route, b: Ipv6Route): boolean {
  return a.type === b.type && a.gateway === b.gateway && a.link === b.link
}

/** The network of that length which an address is in, as the kernel prints it; undefined for what is no IPv6 address. */
export function ipv6NetworkAt(address: string, length: number): string | undefined {
  const prefix = parseIpv6Prefix(`${address}/${length}`)
  return prefix && printedIpv6Network(prefix)
}

/** The best route of a table for an address; undefined where it has none. */
export function ipv6RouteIn(
  routes: readonly Ipv6Route[],
  table: string,
  address: string,
): Ipv6Route | undefined {
  const { byNetwork, lengths } = tablesOf(routes).get(table) ?? { byNetwork: new Map(), lengths: [] }
  for (const length of lengths) {
    const [best] = byNetwork.get(ipv6NetworkAt(address, length) ?? '') ?? []
    if (best) return best
  }
  return undefined
}

function isIn(prefix: string, address: string | undefined): Truth {
  const wanted = parseIpv6Prefix(prefix.includes('/') ? prefix : `${prefix}/128`)
  if (wanted === undefined) return 'unknown'
  return address !== undefined && isInIpv6(address, wanted)
}

/** The route of a packet. */
export function lookupIpv6(
  { routes, rules }: Pick<Ipv6State, 'routes' | 'rules'>,
  flow: Ipv6Flow,
): RouteAnswer<Ipv6Route> {
  return followRules<Ipv6Route>(rules.length === 0 ? USUAL_RULES : rules, {
    selects: (rule) => ruleSelects(rule, flow, (side, prefix) => isIn(prefix, flow[side])),
    routeIn: (table) => ipv6RouteIn(routes, table, flow.destination),
    lengthOf,
  })
}
