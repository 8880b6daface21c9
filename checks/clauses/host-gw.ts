/** The host-gw backend: one route per peer. */
import { type Clause, doneBy, seenBy } from './clause.ts'

const profiles = ['host-gw'] as const

export const HOST_GW: readonly Clause[] = [
  {
    id: 'FL-HOSTGW-01',
    level: 'MUST',
    says: 'A host MUST have a route to the subnet of every peer.',
    source: 'pkg/backend/route_network.go, addSubnet',
    backends: ['host-gw'],
    profiles,
    proof: seenBy('route/peer-subnet:missing', 'route/peer-subnet:none'),
  },
  {
    id: 'FL-HOSTGW-02',
    level: 'MUST',
    says: 'The gateway to the subnet of a peer MUST be its public IP.',
    source: 'pkg/backend/hostgw/hostgw.go, GetRoute',
    backends: ['host-gw'],
    profiles,
    proof: seenBy('route/peer-subnet:wrong-gateway'),
  },
  {
    id: 'FL-HOSTGW-03',
    level: 'MUST',
    says: 'The route to the subnet of a peer MUST go out by the external link.',
    source: 'pkg/backend/hostgw/hostgw.go, GetRoute',
    backends: ['host-gw'],
    profiles,
    proof: seenBy('route/peer-subnet:wrong-link'),
  },
  {
    id: 'FL-HOSTGW-04',
    level: 'MUST',
    says: 'The public IP of every peer MUST be reachable without a gateway.',
    source: 'pkg/backend/route_network.go, addSubnet; laboratory ("network is unreachable")',
    backends: ['host-gw'],
    profiles,
    proof: seenBy('underlay/peer-on-link:not-on-link', 'lease/host:off-link'),
  },
  {
    id: 'FL-HOSTGW-05',
    level: 'MUST',
    says: 'The public IP of a host MUST be an address of its external link.',
    source: 'pkg/backend/hostgw/hostgw.go, RegisterNetwork ("your PublicIP differs from interface IP")',
    backends: ['host-gw'],
    profiles,
    proof: seenBy('underlay/public-ip:not-on-host'),
  },
  {
    id: 'FL-HOSTGW-06',
    level: 'MUST',
    says: 'A running flanneld MUST add a peer route that was deleted again, within 10 seconds and the time of its check.',
    source: 'pkg/backend/route_network.go, routeCheckRetries and routeCheck',
    backends: ['host-gw'],
    profiles,
    proof: doneBy('delete-peer-route'),
  },
  {
    id: 'FL-HOSTGW-07',
    level: 'MUST',
    says: 'Every container MUST reach every container of every other host.',
    source: 'laboratory, v0.10.0 and v0.20.2',
    backends: ['host-gw'],
    profiles,
    proof: doneBy('ping-mesh'),
  },
  {
    id: 'FL-HOSTGW-08',
    level: 'SHOULD',
    says: 'An answer of a container of another host SHOULD arrive with two hops less: ttl 62 of 64.',
    source: 'laboratory, v0.10.0 and v0.20.2',
    backends: ['host-gw'],
    profiles,
    proof: doneBy('ping-mesh'),
  },
]
