// In each table the kernel takes the longest prefix, and table local is asked before main (Linux net/ipv6/ip6_fib.c,
// fib6_node_lookup; net/ipv6/fib6_rules.c): a route to a part of a peer's subnet, or one in table local, wins over the one that
// flannel wrote to table main.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedIpv6Route } from '../expected/ipv6.ts'
import { ipv6InUse } from '../expected/ipv6-ends.ts'
import { run } from '../heal/steps.ts'
import { type Ipv6Route, type Ipv6State, ipv6RouteWords } from '../model/ipv6-state.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { ipv6NetworkAt, leadsAlike, lengthOf } from '../trace/lookup/ipv6-lookup.ts'

/** Types that take no packet for one address: of table local, beside addresses of the host itself. */
const OF_GROUPS = new Set(['multicast', 'anycast'])

/** Subnets of those lengths that the route takes a part of, or in table local all. */
function takenBy(route: Ipv6Route, lengths: readonly number[]): readonly string[] {
  const { table, type, destination } = route
  if ((table !== 'main' && table !== 'local') || OF_GROUPS.has(type)) return []
  const [address = ''] = destination.split('/')
  const least = table === 'local' ? lengthOf(route) : lengthOf(route) - 1
  return lengths.flatMap((length) => (length <= least ? (ipv6NetworkAt(address, length) ?? []) : []))
}

/** Routes that win over the one to a peer's subnet, by the subnet. */
function winners(
  routes: readonly Ipv6Route[],
  expected: readonly ExpectedIpv6Route[],
): ReadonlyMap<string, readonly Ipv6Route[]> {
  const lengths = [...new Set(expected.map(lengthOf))]
  const taken = routes.flatMap((route) => takenBy(route, lengths).map((subnet) => ({ subnet, route })))
  const bySubnet = Map.groupBy(taken, ({ subnet }) => subnet)
  return new Map([...bySubnet].map(([subnet, all]) => [subnet, all.map(({ route }) => route)]))
}

/** True where the routes take none of the addresses that are in use at the peer, as far as these are known. */
function takesNone(others: readonly Ipv6Route[], peer: ExpectedIpv6Route['peer'], snapshot: ClusterSnapshot) {
  const subnet = peer.lease.ipv6?.subnet
  const inUse = subnet && ipv6InUse(snapshot.hosts.get(peer.name), subnet)
  const isTaken = (address: string): boolean =>
    others.some((route) => ipv6NetworkAt(address, lengthOf(route)) === route.destination)
  return inUse !== undefined && !inUse.some(isTaken)
}

function shadowedBy(
  { destination: subnet, peer }: ExpectedIpv6Route,
  others: readonly Ipv6Route[],
  snapshot: ClusterSnapshot,
): Draft<'shadowed'> {
  const isAlone = others.every(({ protocol, table }) => protocol !== 'kernel' && table === 'main')
  const heal = others.map((_, at) =>
    run(
      `ip -6 route del {other${at}...}`,
      'packets take the route of flannel',
      `ip -6 route add {other${at}...}`,
    ),
  )
  const words = Object.fromEntries(others.map((route, at) => [`other${at}`, ipv6RouteWords(route)]))
  return {
    code: 'shadowed',
    peer: peer.name,
    object: named('route', subnet),
    expected: 'no route inside of it',
    observed: others.map(({ text }) => text).join(', '),
    prints: others.slice(0, 1).map(({ text }) => text),
    data: { subnet, ...words },
    shownBy: 'ipv6',
    ...(isAlone && { heal }),
    ...(takesNone(others, peer, snapshot) && { effect: 'risk' as const }),
  }
}

function* shadowed(
  { routes }: Ipv6State,
  expected: readonly ExpectedIpv6Route[],
  snapshot: ClusterSnapshot,
): Iterable<Draft<'shadowed'>> {
  const bySubnet = winners(routes, expected)
  for (const route of expected) {
    const all = bySubnet.get(route.destination)
    if (all === undefined) continue
    const own = routes.find(({ table, destination }) => table === 'main' && destination === route.destination)
    const others = all.filter((one) => own === undefined || !leadsAlike(one, own))
    if (others.length > 0) yield shadowedBy(route, others, snapshot)
  }
}

export const check = defineHostCheck({
  id: 'route/ipv6-shadowed',
  title: 'Routes that win over the IPv6 routes of flannel',
  backends: ['vxlan', 'host-gw'],
  needs: ['ipv6'],
  needsExpected: true,
  findings: {
    shadowed: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: 'on {host} another IPv6 route takes packets for {subnet} of {peer} off the one of flannel: {observed}',
      fix: 'Find out what wrote it (`ip -6 route show table all to root {subnet}` shows the protocol) and remove it.',
    },
  },
  *evaluate({ facts: { ipv6 }, expected, cluster: { snapshot } }): Generator<Draft<'shadowed'>> {
    yield* shadowed(ipv6, expected.ipv6?.routes ?? [], snapshot)
  },
})
