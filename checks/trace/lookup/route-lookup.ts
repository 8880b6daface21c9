/**
 * Which route the kernel takes: the longest prefix, then the lowest metric, then the order
 * of the table (Linux `net/ipv4/fib_trie.c`, `fib_table_lookup`: aliases of one prefix are
 * kept by metric, and among equals the first one that is not dead wins, carrier or not).
 */
import { containsPrefix, lastAddress, netmask, networkAddress, type Prefix } from '../../model/address.ts'
import { alone } from '../../model/alone.ts'
import type { Route } from '../../model/route.ts'

/** The routes of one table, by prefix length and network address, best first. */
interface RouteTable {
  readonly byLength: ReadonlyMap<number, ReadonlyMap<number, readonly Route[]>>
  /** Lengths in use, longest first. */
  readonly lengths: readonly number[]
  /** By network address, wider prefixes first. */
  readonly ordered: readonly Route[]
}

/** Routes of all tables, ready for lookups that cost at most 33 map reads. */
export type RouteIndex = ReadonlyMap<string, RouteTable>

/** The tables that the kernel asks in this order when no policy rule was added. */
const TABLES = ['local', 'main', 'default'] as const

const indexes = new WeakMap<readonly Route[], RouteIndex>()

/** Indexes routes of all tables; the same array gives the same index. */
export function indexRoutes(routes: readonly Route[]): RouteIndex {
  const known = indexes.get(routes)
  if (known) return known
  const index = new Map(
    [...Map.groupBy(routes, ({ table }) => table)].map(([name, own]) => [name, tableOf(own)]),
  )
  indexes.set(routes, index)
  return index
}

function tableOf(routes: readonly Route[]): RouteTable {
  const byLength = new Map<number, Map<number, readonly Route[]>>()
  for (const [length, sameLength] of Map.groupBy(routes, ({ destination }) => destination.length)) {
    const byNetwork = new Map<number, readonly Route[]>(
      Map.groupBy(sameLength, ({ destination }) => networkAddress(destination)),
    )
    for (const [network, aliases] of byNetwork) byNetwork.set(network, bestFirst(aliases))
    byLength.set(length, byNetwork)
  }
  const lengths = [...byLength.keys()].sort((a, b) => b - a)
  return { byLength, lengths, ordered: routes.filter(isAlive).sort(byNetworkAddress) }
}

function bestFirst(aliases: readonly Route[]): readonly Route[] {
  const [first, ...more] = aliases
  if (first !== undefined && more.length === 0 && isAlive(first)) return alone(first)
  return aliases.filter(isAlive).sort(byMetric)
}

/** Routes with a type of service are for packets that ask for it, which no walked packet does. */
function isAlive({ flags, tos }: Route): boolean {
  return !flags.includes('dead') && tos === undefined
}

function byMetric(a: Route, b: Route): number {
  return a.metric - b.metric
}

function byNetworkAddress({ destination: a }: Route, { destination: b }: Route): number {
  return networkAddress(a) - networkAddress(b) || a.length - b.length
}

/** The routes of `table` to exactly this prefix, the one the kernel takes first. */
export function routesTo(index: RouteIndex, prefix: Prefix, table = 'main'): readonly Route[] {
  return index.get(table)?.byLength.get(prefix.length)?.get(networkAddress(prefix)) ?? []
}

/** The best route of `table` that covers the whole prefix; undefined when there is none. */
export function coveringRoute(index: RouteIndex, prefix: Prefix, table = 'main'): Route | undefined {
  const routes = index.get(table)
  for (const length of routes?.lengths ?? []) {
    if (length > prefix.length) continue
    const [best] = routes?.byLength.get(length)?.get((prefix.address & netmask(length)) >>> 0) ?? []
    if (best) return best
  }
  return undefined
}

/** The route of an address through the tables local, main and default; undefined when there is none. */
export function lookupRoute(index: RouteIndex, address: number): Route | undefined {
  for (const table of TABLES) {
    const route = coveringRoute(index, { address, length: 32 }, table)
    if (route && route.type !== 'throw') return route
  }
  return undefined
}

/** Routes of `table` to a part of the prefix, not to the whole of it, in order of address. */
export function routesWithin(index: RouteIndex, prefix: Prefix, table = 'main'): readonly Route[] {
  const ordered = index.get(table)?.ordered ?? []
  const last = lastAddress(prefix)
  const within: Route[] = []
  for (let at = firstAt(ordered, networkAddress(prefix)); at < ordered.length; at++) {
    const route = ordered[at] as Route
    if (networkAddress(route.destination) > last) break
    if (route.destination.length > prefix.length && containsPrefix(prefix, route.destination))
      within.push(route)
  }
  return within
}

/** Position of the first route whose network address is not below `address`. */
function firstAt(ordered: readonly Route[], address: number): number {
  let low = 0
  let high = ordered.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (networkAddress((ordered[middle] as Route).destination) < address) low = middle + 1
    else high = middle
  }
  return low
}
