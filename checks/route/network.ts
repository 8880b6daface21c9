// Designs with one route for the whole network: vxlan up to v0.8.0 (the kernel makes it from the
// address up to v0.6.x, flannel adds it after: backend/vxlan/device.go, Configure) and udp of every version
// (pkg/backend/udp/udp_network_amd64.go, configureIface). Nothing restores it while flanneld runs.

import { defineHostCheck } from '../define.ts'
import { networkRoutes } from '../expected/network-routes.ts'
import { run } from '../heal/steps.ts'
import { formatPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import { coveringRoute, indexRoutes, routesTo } from '../trace/lookup/route-lookup.ts'
import { routeText } from '../trace/text/route-text.ts'

export const check = defineHostCheck({
  id: 'route/network',
  title: 'Route to the whole network',
  backends: ['vxlan', 'udp'],
  needs: ['routes'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no route {expected}; the kernel takes: {observed}',
      fix: 'Run `ip route replace {expected}` on {host}; flanneld does so when it starts.',
      heal: [run('ip route replace {expected...}', 'the route is back')],
      explains: [{ code: 'route/reverse-path-filter:strict', when: 'same-host' }],
    },
    'wrong-link': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} sends packets for the network elsewhere: {observed} instead of {expected}',
      fix: 'Run `ip route replace {expected}` on {host}, and find out what wrote the other route.',
      heal: [run('ip route replace {expected...}', 'the route leads to the overlay')],
      explains: [{ code: 'route/reverse-path-filter:strict', when: 'same-host' }],
    },
  },
  *evaluate({ facts, expected }) {
    const index = indexRoutes(facts.routes)
    for (const { destination, link } of networkRoutes(expected.routes)) {
      const routes = routesTo(index, destination)
      if (routes.some((route) => route.type === 'unicast' && route.link === link)) continue
      const network = formatPrefix(destination)
      const [best] = routes
      yield {
        code: best ? 'wrong-link' : 'missing',
        object: named('route', network),
        expected: `${network} dev ${link}`,
        observed: routeText(best ?? coveringRoute(index, destination)),
      }
    }
  },
})
