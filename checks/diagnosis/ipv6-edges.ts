/** What loses pings by IPv6, which has tables of its own beside those of IPv4. */
import type { LossRow } from './loss-edges.ts'

export const IPV6_ROWS: readonly LossRow[] = [
  {
    causes: [
      'underlay/ipv6-public-ip:*',
      'underlay/ipv6-route:*',
      'underlay/peer-mac:*',
      'link/ipv6-vtep:*',
      'link/ipv6-address:*',
      'route/ipv6-*',
      'neighbour/peer-vtep:*',
      'fdb/peer-vtep:*',
      'netfilter/ipv6:*',
      'bridge/ipv6-gateway:*',
    ],
    symptoms: ['dataplane/ipv6-ping:lost'],
    from: 'warning',
  },
  {
    causes: ['underlay/ipv6-route:mtu-smaller', 'netfilter/ipv6:too-big-dropped', 'underlay/mtu:*'],
    symptoms: ['dataplane/ipv6-ping:too-small', 'dataplane/ipv6-ping:reduced'],
    from: 'warning',
  },
]
