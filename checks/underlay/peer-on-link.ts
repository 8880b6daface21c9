// host-gw routes a peer's subnet straight to the peer's public IP (`pkg/backend/hostgw/hostgw.go`;
// `pkg/backend/route_network.go`, `handleSubnetEvents`). The kernel takes such a route only when the
// gateway is a neighbour on the link ("network is unreachable" otherwise): a router in between does not do.

import { defineHostCheck } from '../define.ts'
import { routeLookup } from '../expected/route-lookup.ts'
import { containsAddress, formatAddress, formatPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'underlay/peer-on-link',
  title: 'Peers on the same link',
  backends: ['host-gw'],
  needs: ['routes', 'addresses', 'leases', 'config'],
  needsExpected: true,
  findings: {
    'not-on-link': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: '{host} reaches {publicIp}, the public IP of {peer}, {observed}: host-gw cannot route {subnet} there',
      fix: 'Put both hosts on one link, or change Backend to vxlan with DirectRouting, which encapsulates only where a router is in between.',
      explains: [
        { code: 'route/peer-subnet:missing', when: 'same-pair' },
        { code: 'route/peer-subnet:none', when: 'same-host' },
        { code: 'daemon/log:entries-not-written', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts: { routes, addresses }, expected }) {
    const lookup = routeLookup(routes)
    const connected = addresses.flatMap(({ prefix, link }) =>
      prefix && link === expected.externalLink?.name ? [prefix] : [],
    )
    for (const { lease, name } of expected.peers) {
      const { publicIp } = lease
      if (connected.some((prefix) => containsAddress(prefix, publicIp))) continue
      const route = lookup(publicIp)
      const router =
        route && (route.gateway === undefined ? route.gatewayInet6 : formatAddress(route.gateway))
      if (route?.type === 'unicast' && router === undefined) continue
      const observed = router === undefined ? 'by no route' : `only through the router ${router}`
      const data = { publicIp: formatAddress(publicIp), subnet: formatPrefix(lease.subnet) }
      yield {
        code: 'not-on-link',
        shownBy: 'routes',
        peer: name,
        object: named('public IP', data.publicIp),
        expected: 'on the link',
        observed,
        data,
      }
    }
  },
})
