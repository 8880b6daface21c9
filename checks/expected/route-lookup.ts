/**
 * Which route the kernel takes to an address: the longest prefix of table main, then the
 * lowest metric. Policy rules and other tables are left out, as flannel's own routes live in main;
 * so are routes that only packets with a type of service take, and those of a dead next hop.
 */
import { netmask, networkAddress } from '../model/address.ts'
import type { Route } from '../model/route.ts'
import { mainRoutesTo } from '../model/table-lookup.ts'

/** Address to the route of table main that carries it; undefined when there is none. */
export type RouteLookup = (address: number) => Route | undefined

/** Indexes the routes by prefix length when it is asked first, so that one lookup is at most 33 map reads. */
export function routeLookup(routes: readonly Route[]): RouteLookup {
  let lookup: RouteLookup | undefined
  return (address) => {
    lookup ??= indexedLookup(routes)
    return lookup(address)
  }
}

function indexedLookup(routes: readonly Route[]): RouteLookup {
  const byLength = new Map<number, Map<number, Route>>()
  for (const route of routes) {
    if (route.table !== 'main' || route.type === 'local' || route.type === 'broadcast') continue
    if (route.tos !== undefined || route.flags.includes('dead')) continue
    const { length } = route.destination
    const sameLength = byLength.get(length) ?? new Map<number, Route>()
    byLength.set(length, sameLength)
    const key = networkAddress(route.destination)
    const other = sameLength.get(key)
    if (!other || route.metric < other.metric) sameLength.set(key, route)
  }
  const lengths = [...byLength.keys()].sort((a, b) => b - a)
  return (address) => {
    for (const length of lengths) {
      const route = byLength.get(length)?.get((address & netmask(length)) >>> 0)
      if (route) return route
    }
    return undefined
  }
}

/** The default route of table main with the lowest metric. */
export function defaultRoute(routes: readonly Route[]): Route | undefined {
  return mainRoutesTo(routes, { address: 0, length: 0 })
    .filter(({ type }) => type === 'unicast')
    .sort((a, b) => a.metric - b.metric)[0]
}

/** Whether the destination is on the route's own link: no router of either family is in between. */
export function isConnected({ gateway, gatewayInet6 }: Route): boolean {
  return gateway === undefined && gatewayInet6 === undefined
}
