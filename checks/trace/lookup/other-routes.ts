/** Routes that take packets for a peer off the one that flannel wrote. */
import type { ExpectedHost, ExpectedRoute, Peer } from '../../expected/expected.ts'
import { networkRoutes } from '../../expected/network-routes.ts'
import { maskPrefix } from '../../model/address.ts'
import type { Route } from '../../model/route.ts'
import { networkNumber } from '../../model/table-lookup.ts'
import { unproven } from '../../model/table-proof.ts'
import { coveringRoute, indexRoutes, type RouteIndex, routesTo, routesWithin } from './route-lookup.ts'

function leadsAsExpected(route: Route, { link, gateway, peer }: ExpectedRoute): boolean {
  const isSameHop = route.gateway === gateway && route.gatewayInet6 === undefined
  return route.link === link && (peer === undefined || isSameHop)
}

/** The routes that take packets for the peer's subnet, or a part of it, off the expected one. */
export function otherRoutes(peer: Peer, expected: ExpectedRoute, index: RouteIndex): Route[] {
  const subnet = maskPrefix(peer.lease.subnet)
  const isThere = routesTo(index, expected.destination).some((route) => leadsAsExpected(route, expected))
  if (!isThere) return []
  const whole = coveringRoute(index, subnet)
  const parts = [...routesWithin(index, subnet), ...routesWithin(index, subnet, 'local')]
  const others = whole === undefined ? parts : [whole, ...parts]
  return others.filter((route) => !leadsAsExpected(route, expected))
}

const openRoutes = unproven<ExpectedRoute, Route, number>({
  indexOf: (table) => indexRoutes(table).routes,
  keyOf: ({ destination }) => networkNumber(destination),
  isMet: (expected, { common }) => isLed(expected, indexRoutes(common)),
  changedIn: subnetsAround,
})

/** True where the peer's own route wins, and no other is inside of it: wider ones then do not count. */
function isLed(expected: ExpectedRoute, index: RouteIndex): boolean {
  const { peer, destination } = expected
  const [best] = routesTo(index, destination)
  const isBest = best !== undefined && leadsAsExpected(best, expected)
  return peer !== undefined && isBest && otherRoutes(peer, expected, index).length === 0
}

/** Every subnet of a peer, by its length alone, in which a route is that is not in common. */
function* subnetsAround({ changed }: RouteIndex['routes'], all: readonly ExpectedRoute[]): Iterable<number> {
  const lengths = knownLengths.get(all) ?? new Set(all.map(({ destination }) => destination.length))
  knownLengths.set(all, lengths)
  for (const address of changed) for (const length of lengths) yield networkNumber({ address, length })
}

const knownLengths = new WeakMap<readonly ExpectedRoute[], ReadonlySet<number>>()

/** The route flannel wrote for each peer, its own or the one of the whole network; those that are certainly taken are left out. */
export function* routesToPeers(
  { peers, routes }: ExpectedHost,
  table: readonly Route[],
): Iterable<readonly [Peer, ExpectedRoute]> {
  const [network] = networkRoutes(routes)
  for (const route of openRoutes(routes, table)) if (route.peer) yield [route.peer, route]
  if (network) for (const peer of peers) yield [peer, network]
}
