// With EnableIPv6 flannel writes one IPv6 route to the IPv6 subnet of each peer: onlink by flannel-v6.VNI, with host-gw (and
// with DirectRouting where the peer is a neighbour) by its public IPv6 address (pkg/backend/vxlan/vxlan_network.go,
// handleSubnetEvents; pkg/backend/route_network.go). Once written it is looked after by host-gw alone.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedIpv6Route } from '../expected/ipv6.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import type { Ipv6Route } from '../model/ipv6-state.ts'
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

/** What is wrong with the routes that are used to a peer's subnet; undefined where each is flannel's. */
function draftOf(
  route: ExpectedIpv6Route,
  found: readonly Ipv6Route[],
  isDirectAllowed: boolean,
): Draft<Code> | undefined {
  const wrong = found.filter((one) => !isMet(one, route, isDirectAllowed))
  if (found.length > 0 && wrong.length === 0) return undefined
  const { destination: subnet, peer } = route
  return {
    code: found.length === 0 ? 'missing' : 'elsewhere',
    peer: peer.name,
    object: named('route', subnet),
    expected: written(route),
    ...(wrong.length > 0 && { observed: wrong.map(({ text }) => text).join(', ') }),
    data: { subnet },
    shownBy: 'ipv6',
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
      explains: [{ code: 'dataplane/ipv6-ping:lost', when: 'involves-either' }],
    },
    elsewhere: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} sends IPv6 packets for {subnet} of {peer} elsewhere: {observed} instead of {expected}',
      fix: 'Run `ip -6 route replace {expected}` on {host}, and find out what wrote the other route.',
      heal: [REPLACE],
      explains: [{ code: 'dataplane/ipv6-ping:lost', when: 'involves-either' }],
    },
    none: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} has none of its {count} IPv6 routes to peers: the link or its address went away and came back, or flanneld never wrote them',
      fix: 'Restart flanneld on {host}. If it happens again, keep NetworkManager and systemd-networkd off its links.',
      heal: [RESTART_FLANNELD],
      explains: [
        { code: 'route/ipv6-peer-subnet:missing', when: 'same-host' },
        { code: 'dataplane/ipv6-ping:lost', when: 'involves-host' },
      ],
    },
  },
  *evaluate({ facts: { ipv6 }, expected }): Generator<Draft<Code>> {
    const routes = expected.ipv6?.routes ?? []
    const main = ipv6.routes.filter(({ table }) => table === 'main')
    const byNetwork = Map.groupBy(main, ({ destination }) => destination)
    const drafts = routes.flatMap((route) => {
      const found = used(byNetwork.get(route.destination) ?? [])
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
