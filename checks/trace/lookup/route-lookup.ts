/**
 * Which route the kernel takes: the longest prefix, then the lowest metric, then the order
 * of the table (Linux `net/ipv4/fib_trie.c`, `fib_table_lookup`: aliases of one prefix are
 * kept by metric, and among equals the first one that is not dead wins, carrier or not).
 */
import { containsPrefix, lastAddress, netmask, networkAddress, type Prefix } from '../../model/address.ts'
import type { Route } from '../../model/route.ts'
import { type IndexedTable, tableIndexes } from '../../model/table-index.ts'

/** Routes of all tables, ready for lookups that cost at most 33 map reads. */
export interface RouteIndex {
  /** By table and prefix length, and by network address, best first. */
  readonly routes: IndexedTable<Route, number>
  /** As they were given. */
  readonly given: readonly Route[]
  /** Prefix lengths in use by table, longest first; filled as they are asked for. */
  readonly lengths: Map<string, readonly number[]>
  /** What is not in common, by table and network address, wider prefixes first; likewise. */
  readonly own: Map<string, readonly Route[]>
}

/** The tables that the kernel asks in this order when no policy rule was added. */
const TABLES = ['local', 'main', 'default'] as const
const LONGEST = 32

const groupNames = new Map<string, string[]>()
/** The kernel's tables have few names; more are those of a recording that was tampered with. */
const MOST_NAMES = 1000

/** One text for a table and a length. */
function groupName(table: string, length: number): string {
  if (groupNames.size > MOST_NAMES) groupNames.clear()
  const names = groupNames.get(table) ?? []
  if (names.length === 0) groupNames.set(table, names)
  names[length] ??= `${table} ${length}`
  return names[length]
}

const byPrefix = tableIndexes<Route, number>({
  groupOf: ({ table, destination }) => groupName(table, destination.length),
  keyOf: ({ destination }) => networkAddress(destination),
  listed: (aliases) => aliases.filter(isAlive).sort(byMetric),
})

const indexes = new WeakMap<readonly Route[], RouteIndex>()

/** Indexes routes of all tables; the same array gives the same index. */
export function indexRoutes(routes: readonly Route[]): RouteIndex {
  const known = indexes.get(routes)
  if (known) return known
  const index: RouteIndex = { routes: byPrefix(routes), given: routes, lengths: new Map(), own: new Map() }
  indexes.set(routes, index)
  return index
}

/** The prefix lengths in use in a table, longest first. */
export function lengthsIn({ routes, lengths }: RouteIndex, table: string): readonly number[] {
  const known = lengths.get(table)
  if (known) return known
  const all = Array.from({ length: LONGEST + 1 }, (_, shorter) => LONGEST - shorter)
  const found = all.filter((length) => routes.hasGroup(groupName(table, length)))
  lengths.set(table, found)
  return found
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
export function routesTo(
  { routes }: Pick<RouteIndex, 'routes'>,
  prefix: Prefix,
  table = 'main',
): readonly Route[] {
  return routes.entriesOf(groupName(table, prefix.length), networkAddress(prefix))
}

/** The best route of `table` that covers the whole prefix; undefined when there is none. */
export function coveringRoute(index: RouteIndex, prefix: Prefix, table = 'main'): Route | undefined {
  for (const length of lengthsIn(index, table)) {
    if (length > prefix.length) continue
    const network = (prefix.address & netmask(length)) >>> 0
    const [best] = index.routes.entriesOf(groupName(table, length), network)
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

function orderedIn(routes: readonly Route[], table: string): readonly Route[] {
  return routes.filter((route) => route.table === table && isAlive(route)).sort(byNetworkAddress)
}

const orders = new WeakMap<readonly Route[], Map<string, readonly Route[]>>()

/** The routes of a table that hosts have in common, by network address. */
function commonOrder(common: readonly Route[], table: string): readonly Route[] {
  const byTable = orders.get(common) ?? new Map<string, readonly Route[]>()
  orders.set(common, byTable)
  const found = byTable.get(table) ?? orderedIn(common, table)
  byTable.set(table, found)
  return found
}

/** Routes of `table` to a part of the prefix, not to the whole of it, in order of address. */
export function routesWithin(index: RouteIndex, prefix: Prefix, table = 'main'): readonly Route[] {
  const { routes, given } = index
  const own = index.own.get(table) ?? orderedIn(routes.own, table)
  index.own.set(table, own)
  const common = partsOf(prefix, commonOrder(routes.common, table))
  const within = [...common.filter((route) => !routes.without.has(route)), ...partsOf(prefix, own)]
  return within.length < 2
    ? within
    : within.sort((a, b) => byNetworkAddress(a, b) || given.indexOf(a) - given.indexOf(b))
}

function partsOf(prefix: Prefix, ordered: readonly Route[]): readonly Route[] {
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
