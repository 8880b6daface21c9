// With EnableIPv6 flannel writes one IPv6 route to the IPv6 subnet of each peer: onlink by flannel-v6.VNI, with host-gw (and
// with DirectRouting where the peer is a neighbour) by its public IPv6 address (pkg/backend/vxlan/vxlan_network.go,
// handleSubnetEvents; pkg/backend/route_network.go). Once written it is looked after by host-gw alone.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedIpv6Route } from '../expected/ipv6.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { type Ipv6Route, ipv6RouteWords, USUAL_IPV6_METRIC } from '../model/ipv6-state.ts'
import { named } from '../model/named.ts'

type Code = 'missing' | 'elsewhere' | 'none'

const REPLACE = run('ip -6 route replace {expected...}', 'the route is that of flannel')

/** The words of ip-route(8) that write it. */
function written({ destination, gateway, link }: ExpectedIpv6Route): string {
  return link === undefined
    ? `${destination} via ${gateway}`
    : `${destination} via ${gateway} dev ${link} onlink`
}

/** The routes that the kernel takes: of several those with the smallest metric. */
function used(routes: readonly Ipv6Route[]): readonly Ipv6Route[] {
  const least = Math.min(...routes.map(({ metric }) => metric))
  return routes.filter(({ metric }) => metric === least)
}

/** With DirectRouting the route leads to the public IP of a peer on the same link. */
function isMet(
  route: Ipv6Route,
  { gateway, link, peer }: ExpectedIpv6Route,
  isDirectAllowed: boolean,
): boolean {
  if (route.type !== 'unicast') return false
  if (route.gateway === gateway && (link === undefined || route.link === link)) return true
  return isDirectAllowed && route.gateway !== undefined && route.gateway === peer.lease.ipv6?.publicIp
}

/** A route that stands before flannel's, or of another metric, is not replaced by it; what the kernel wrote goes with an address. */
function healOf(wrong: readonly Ipv6Route[], isThere: boolean): readonly HealStep[] {
  if (wrong.some(({ protocol }) => protocol === 'kernel')) return []
  const removed = wrong.flatMap((one, at) =>
    isThere || one.metric !== USUAL_IPV6_METRIC
      ? run(
          `ip -6 route del {wrong${at}...}`,
          'the route of flannel is taken again',
          `ip -6 route add {wrong${at}...}`,
        )
      : [],
  )
  return isThere ? removed : [...removed, REPLACE]
}

/** What is wrong with the routes to a peer's subnet; undefined where each that is used is flannel's. */
function draftOf(
  route: ExpectedIpv6Route,
  all: readonly Ipv6Route[],
  isDirectAllowed: boolean,
): Draft<Code> | undefined {
  const wrong = used(all).filter((one) => !isMet(one, route, isDirectAllowed))
  if (all.length > 0 && wrong.length === 0) return undefined
  const { destination: subnet, peer } = route
  const about = { peer: peer.name, object: named('route', subnet), expected: written(route) } as const
  if (wrong.length === 0) return { code: 'missing', ...about, data: { subnet }, shownBy: 'ipv6' }
  const isThere = all.some((one) => isMet(one, route, isDirectAllowed))
  const words = Object.fromEntries(wrong.map((one, at) => [`wrong${at}`, ipv6RouteWords(one)]))
  return {
    code: 'elsewhere',
    ...about,
    observed: wrong.map(({ text }) => text).join(', '),
    data: { subnet, ...words },
    shownBy: 'ipv6',
    heal: healOf(wrong, isThere),
  }
}

export const check = defineHostCheck({
  id: 'route/ipv6-peer-subnet',
  title: 'IPv6 routes to peer subnets',
  backends: ['vxlan', 'host-gw'],
  needs: ['ipv6'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} has no IPv6 route to {subnet} of {peer}: its containers do not reach those of {peer} by IPv6',
      fix: 'Run `ip -6 route replace {expected}` on {host}; flanneld does so when it starts.',
      heal: [REPLACE],
    },
    elsewhere: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} sends IPv6 packets for {subnet} of {peer} elsewhere: {observed} instead of {expected}',
      fix: "Remove the other route, write `ip -6 route replace {expected}` on {host} where flannel's is gone, and find out what wrote it.",
      heal: [REPLACE],
    },
    none: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} has none of its {count} IPv6 routes to peers: the link or its address went away and came back, or flanneld never wrote them',
      fix: 'Restart flanneld on {host}. If it happens again, keep NetworkManager and systemd-networkd off its links.',
      heal: [RESTART_FLANNELD],
      explains: [{ code: 'route/ipv6-peer-subnet:missing', when: 'same-host' }],
    },
  },
  *evaluate({ facts: { ipv6 }, expected }): Generator<Draft<Code>> {
    const routes = expected.ipv6?.routes ?? []
    const main = ipv6.routes.filter(({ table }) => table === 'main')
    const byNetwork = Map.groupBy(main, ({ destination }) => destination)
    const drafts = routes.flatMap((route) => {
      const found = byNetwork.get(route.destination) ?? []
      return draftOf(route, found, expected.config.directRouting) ?? []
    })
    const count = routes.length
    if (count > 1 && drafts.filter(({ code }) => code === 'missing').length === count) {
      const of = { expected: `${count} routes`, observed: 'none', data: { count } }
      yield { code: 'none', object: 'IPv6 routes', ...of, shownBy: 'ipv6' }
    }
    yield* drafts
  },
})
