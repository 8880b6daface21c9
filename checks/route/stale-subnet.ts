// flannel removes a peer's route when it sees the lease go (pkg/backend/vxlan/vxlan_network.go and
// pkg/backend/route_network.go, handleSubnetEvents, EventRemoved). A lease that goes while flanneld
// is down is never seen: its route stays for good, and leads astray when the subnet is leased again.

import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { run } from '../heal/steps.ts'
import {
  containsPrefix,
  formatPrefix,
  maskPrefix,
  networkAddress,
  overlaps,
  type Prefix,
} from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import { named } from '../model/named.ts'
import type { Route } from '../model/route.ts'
import { indexRoutes } from '../trace/lookup/route-lookup.ts'
import { routeText } from '../trace/text/route-text.ts'

/** True for a route into a part of the network that an address of this host did not bring. */
function leadsIntoNetwork({ table, type, protocol, destination }: Route, network: Prefix): boolean {
  const isAdded = table === 'main' && type === 'unicast' && protocol !== 'kernel'
  return isAdded && destination.length > network.length && containsPrefix(network, destination)
}

/** True where flannel may have written the route: by its own link, or to a peer it reaches directly. */
function isFlannels(route: Route, { config, link, externalLink, peers }: ExpectedHost): boolean {
  if (link && route.link === link.name) return true
  const routesDirectly = link === undefined || peers.some(({ direct }) => direct)
  const leavesDirectly = route.link === externalLink?.name && route.gateway !== undefined
  return routesDirectly && leavesDirectly && route.destination.length === config.subnetLength
}

/** A prefix as one number: the network address, then the length in the last two digits. */
function keyOf(prefix: Prefix): number {
  return networkAddress(prefix) * 100 + prefix.length
}

/** Tells whether a destination overlaps a lease: exact matches by one look, the rest by a scan. */
function leased(leases: readonly Lease[], unknown: readonly Prefix[]): (destination: Prefix) => boolean {
  const exact = keysOf(leases)
  return (destination) =>
    exact.has(keyOf(destination)) ||
    leases.some(({ subnet }) => overlaps(subnet, destination)) ||
    unknown.some((subnet) => overlaps(subnet, destination))
}

const keys = new WeakMap<readonly Lease[], ReadonlySet<number>>()

/** Of all leases, once for all hosts. */
function keysOf(leases: readonly Lease[]): ReadonlySet<number> {
  const known = keys.get(leases) ?? new Set(leases.map(({ subnet }) => keyOf(subnet)))
  keys.set(leases, known)
  return known
}

const unleased = new WeakMap<readonly Lease[], WeakMap<readonly Route[], readonly Route[]>>()

/** Routes of a table whose destination is no lease: those that hosts have in common are looked through once. */
function suspects(table: readonly Route[], leases: readonly Lease[]): readonly Route[] {
  const { common, own } = indexRoutes(table).routes
  const exact = keysOf(leases)
  const isUnleased = ({ destination }: Route): boolean => !exact.has(keyOf(destination))
  const byCommon = unleased.get(leases) ?? new WeakMap<readonly Route[], readonly Route[]>()
  unleased.set(leases, byCommon)
  const shared = byCommon.get(common) ?? common.filter(isUnleased)
  byCommon.set(common, shared)
  return [...shared, ...own.filter(isUnleased)]
}

export const check = defineHostCheck({
  id: 'route/stale-subnet',
  title: 'Routes to subnets without a lease',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['routes', 'leases'],
  needsExpected: true,
  findings: {
    stale: {
      severity: 'warning',
      confidence: 'likely',
      says: '{host} still has the route {observed}, but {subnet} has no lease',
      fix: 'Remove it: `ip route del {observed}`. If {subnet} should have a lease, restart flanneld on its host.',
      heal: [run('ip route del {observed...}', 'the route is gone')],
    },
  },
  *evaluate({ facts, expected }) {
    const isLeased = leased(facts.leases.leases, expected.unknownSubnets)
    const isStale = (route: Route): boolean =>
      leadsIntoNetwork(route, expected.config.network) &&
      isFlannels(route, expected) &&
      !isLeased(route.destination)
    if (!suspects(facts.routes, facts.leases.leases).some(isStale)) return
    for (const route of facts.routes.filter(isStale)) {
      const subnet = formatPrefix(maskPrefix(route.destination))
      yield { code: 'stale', object: named('route', subnet), observed: routeText(route), data: { subnet } }
    }
  },
})
