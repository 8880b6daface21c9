// flannel writes one route per peer: vxlan since v0.9.0 `SUBNET via SUBNET.0 dev flannel.VNI onlink`
// (pkg/backend/vxlan/vxlan_network.go, handleSubnetEvents), or `SUBNET via PUBLIC-IP` for a peer that
// DirectRouting reaches on the link; host-gw the latter for every peer (pkg/backend/route_network.go).
// vxlan does not restore a route that was lost while it runs; host-gw does within 10 s.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedRoute, Peer } from '../expected/expected.ts'
import { overlapsOf } from '../expected/overlap.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { formatAddress, formatPrefix, networkAddress, overlaps, type Prefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import type { Route } from '../model/route.ts'
import { unproven } from '../model/table-proof.ts'
import { coveringRoute, indexRoutes, type RouteIndex, routesTo } from '../trace/lookup/route-lookup.ts'
import { routeText } from '../trace/text/route-text.ts'

type Code = 'missing' | 'none' | 'wrong-gateway' | 'wrong-link'
type PeerRoute = ExpectedRoute & { readonly peer: Peer }

const isOfPeer = (route: ExpectedRoute): route is PeerRoute => route.peer !== undefined

const LOST_INBOUND = { code: 'route/reverse-path-filter:strict', when: 'same-pair' } as const

/** A lease that shares addresses with another: its route would lead away packets for the containers of that one. */
const OF_TWO_LEASES =
  'Do not add the route: {subnet} overlaps the subnet of another lease. Remove the wrong one of the two leases first.'

/** Tells the routes to subnets that overlap the own one or each other; looked for at the first question. */
function contested(routes: readonly ExpectedRoute[], own: Prefix): (route: PeerRoute) => boolean {
  let overlapping: ReadonlySet<ExpectedRoute> | undefined
  return (route) => {
    overlapping ??= new Set(overlapsOf(routes.filter(isOfPeer), ({ destination }) => destination).flat())
    return overlapping.has(route) || overlaps(own, route.destination)
  }
}

/** The words after `ip route replace`. */
function wanted({ destination, gateway, link, onlink }: ExpectedRoute): string {
  const via = gateway === undefined ? '' : ` via ${formatAddress(gateway)}`
  return `${formatPrefix(destination)}${via} dev ${link}${onlink ? ' onlink' : ''}`
}

function isAsExpected(route: Route, expected: ExpectedRoute): boolean {
  const isSameHop = route.gateway === expected.gateway && route.gatewayInet6 === undefined
  return route.type === 'unicast' && route.link === expected.link && isSameHop
}

/** Whether flannel's route is among those to a subnet, and the next hops that take a part of its packets. */
function found(routes: readonly Route[], expected: ExpectedRoute) {
  const others = routes.filter((route) => !isAsExpected(route, expected))
  // Of several next hops of one route each takes a part of the packets.
  const wrong = others.filter(({ isBalanced, metric }) => isBalanced && metric === routes[0]?.metric)
  return { wrong, isThere: others.length < routes.length && wrong.length === 0 }
}

const unmet = unproven<ExpectedRoute, Route, number>({
  indexOf: (table) => indexRoutes(table).routes,
  keyOf: ({ destination }) => networkAddress(destination),
  isMet: (expected, routes) => found(routesTo({ routes }, expected.destination), expected).isThere,
})

/** What is wrong with the routes to one peer's subnet; undefined when flannel's route is there. */
function fault(
  expected: PeerRoute,
  index: RouteIndex,
  isContested: (route: PeerRoute) => boolean,
): Draft<Code> | undefined {
  const { destination, link, peer } = expected
  const routes = routesTo(index, destination)
  const { wrong, isThere } = found(routes, expected)
  if (isThere) return undefined
  const best = wrong[0] ?? routes[0]
  const subnet = formatPrefix(destination)
  const instead = wrong.length > 0 ? wrong : [best ?? coveringRoute(index, destination)]
  const about = {
    peer: peer.name,
    object: named('route', subnet),
    expected: wanted(expected),
    data: { subnet, link },
  }
  const code = !best ? 'missing' : best.link === link ? 'wrong-gateway' : 'wrong-link'
  const outLinks = instead.flatMap((route) =>
    route?.link === undefined || route.link === link ? [] : [route.link],
  )
  return {
    code,
    ...about,
    observed: instead.map(routeText).join(', '),
    outLinks,
    ...(isContested(expected) && { heal: [], fix: OF_TWO_LEASES }),
  }
}

export const check = defineHostCheck({
  id: 'route/peer-subnet',
  title: 'Routes to peer subnets',
  backends: ['vxlan', 'host-gw'],
  needs: ['routes'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no route to {subnet} of {peer}; the kernel takes: {observed}',
      fix: 'Run `ip route replace {expected}` on {host}; flanneld does so when it starts.',
      heal: [run('ip route replace {expected...}', 'the route is back')],
      explains: [LOST_INBOUND],
    },
    none: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has none of its peer routes ({count}) on {link}: the link or its address went away and came back, or flanneld never programmed the peers',
      fix: 'Restart flanneld on {host}. If it happens again, keep NetworkManager and systemd-networkd off {link}.',
      heal: [RESTART_FLANNELD],
      explains: [
        { code: 'route/peer-subnet:missing', when: 'same-host' },
        { code: 'neighbour/peer-vtep:missing', when: 'same-host' },
      ],
    },
    'wrong-gateway': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'the route of {host} to {subnet} of {peer} is {observed}, it should be {expected}',
      fix: 'Run `ip route replace {expected}` on {host}; flanneld does so when it starts.',
      heal: [run('ip route replace {expected...}', 'the route is that of flannel')],
    },
    'wrong-link': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} sends packets for {subnet} of {peer} elsewhere: {observed} instead of {expected}',
      fix: 'Run `ip route replace {expected}` on {host}, and find out what wrote the other route.',
      heal: [run('ip route replace {expected...}', 'the route is that of flannel')],
      explains: [LOST_INBOUND],
    },
  },
  *evaluate({ facts, expected }) {
    const index = indexRoutes(facts.routes)
    const isContested = contested(expected.routes, expected.lease.subnet)
    const faults = unmet(expected.routes, facts.routes)
      .filter(isOfPeer)
      .flatMap((route) => fault(route, index, isContested) ?? [])
    if (faults.length === 0) return
    const wantedRoutes = expected.routes.filter(isOfPeer)
    for (const [link, routes] of Map.groupBy(wantedRoutes, (route) => route.link)) {
      const lost = faults.filter(({ code, data }) => code === 'missing' && data?.link === link)
      if (routes.length < 2 || lost.length < routes.length) continue
      const data = { link, count: routes.length }
      yield {
        code: 'none',
        object: named('link', link),
        expected: `${routes.length} routes`,
        observed: 'none',
        data,
      }
    }
    yield* faults
  },
})
