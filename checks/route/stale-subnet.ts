// flannel removes a peer's route when it sees the lease go (pkg/backend/vxlan/vxlan_network.go and
// pkg/backend/route_network.go, handleSubnetEvents, EventRemoved). A lease that goes while flanneld
// is down is never seen: its route stays for good, and leads astray when the subnet is leased again.
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import {
  containsPrefix,
  formatPrefix,
  maskPrefix,
  networkAddress,
  overlaps,
  type Prefix,
} from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { Route } from '../model/route.ts'
import { routeText } from '../trace/route-text.ts'

/** True for a route that flannel may have written: into the network, by its link or via a peer. */
function isFlannels(route: Route, expected: ExpectedHost): boolean {
  const { config, link, externalLink, peers } = expected
  if (route.table !== 'main' || route.type !== 'unicast' || route.protocol === 'kernel') return false
  if (route.destination.length <= config.network.length) return false
  if (!containsPrefix(config.network, route.destination)) return false
  if (link && route.link === link.name) return true
  const routesDirectly = link === undefined || peers.some(({ direct }) => direct)
  return (
    routesDirectly &&
    route.link === externalLink?.name &&
    route.gateway !== undefined &&
    route.destination.length === config.subnetLength
  )
}

/** A prefix as one number: the network address, then the length in the last two digits. */
function keyOf(prefix: Prefix): number {
  return networkAddress(prefix) * 100 + prefix.length
}

/** Tells whether a destination overlaps a lease: exact matches by one look, the rest by a scan. */
function leased(leases: readonly Lease[], unknown: readonly Prefix[]): (destination: Prefix) => boolean {
  const subnets = [...leases.map(({ subnet }) => subnet), ...unknown]
  const exact = new Set(subnets.map(keyOf))
  return (destination) =>
    exact.has(keyOf(destination)) || subnets.some((subnet) => overlaps(subnet, destination))
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
    },
  },
  *evaluate({ facts, expected }) {
    const isLeased = leased(facts.leases.leases, expected.unknownSubnets)
    for (const route of facts.routes) {
      if (!isFlannels(route, expected) || isLeased(route.destination)) continue
      const subnet = formatPrefix(maskPrefix(route.destination))
      yield { code: 'stale', object: `route ${subnet}`, observed: routeText(route), data: { subnet } }
    }
  },
})
