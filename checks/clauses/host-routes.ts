/** What the routing of a host must allow so that containers reach their peers. */
import type { Clause } from './clause.ts'
import { seenBy } from './proofs.ts'

const profiles = ['core'] as const

export const HOST_ROUTES: readonly Clause[] = [
  {
    id: 'FL-ROUTE-01',
    level: 'MUST',
    says: 'Every host MUST forward IPv4: net.ipv4.ip_forward is 1.',
    source: 'Linux Documentation/networking/ip-sysctl.rst, ip_forward; laboratory, v0.20.2',
    profiles,
    proof: seenBy('route/forwarding:disabled'),
  },
  {
    id: 'FL-ROUTE-02',
    level: 'MUST',
    says: 'Every link on the path of containers MUST forward: net.ipv4.conf.LINK.forwarding is 1.',
    source: 'Linux Documentation/networking/ip-sysctl.rst, conf; laboratory, v0.20.2',
    profiles,
    proof: seenBy('route/link-forwarding:disabled'),
  },
  {
    id: 'FL-ROUTE-03',
    level: 'MUST',
    says: 'The own subnet MUST be routed to the container bridge by exactly one route of the kernel: flanneld writes none.',
    source: 'pkg/backend/route_network.go, handleSubnetEvents: the own subnet is skipped',
    profiles,
    proof: seenBy('route/own-subnet:missing', 'route/own-subnet:ambiguous'),
  },
  {
    id: 'FL-ROUTE-04',
    level: 'MUST',
    says: 'Other routes MUST NOT win over those to the subnets of peers.',
    source: 'laboratory; Linux net/ipv4/route.c',
    profiles,
    proof: seenBy('route/shadowed:shadowed'),
  },
  {
    id: 'FL-ROUTE-05',
    level: 'MUST',
    says: 'Policy rules MUST NOT take container traffic off the routes of flannel: they are in table main.',
    source: 'pkg/backend/route_network.go, addSubnet; Linux net/core/fib_rules.c',
    profiles,
    proof: seenBy('route/policy-rule:diverting'),
  },
  {
    id: 'FL-ROUTE-06',
    level: 'MUST',
    says: 'A strict reverse path filter MUST find the way back to peers on the link they send from.',
    source: 'Linux net/ipv4/fib_frontend.c, fib_validate_source; laboratory, v0.20.2',
    profiles,
    proof: seenBy('route/reverse-path-filter:strict'),
  },
  {
    id: 'FL-ROUTE-07',
    level: 'MUST',
    says: 'An address of a container MUST NOT be an address of the host as well.',
    source: 'laboratory; Linux net/ipv4/route.c',
    profiles,
    proof: seenBy('route/local-address:captured'),
  },
  {
    id: 'FL-ROUTE-08',
    level: 'SHOULD',
    says: 'A host SHOULD have no route to a subnet of the network that nobody leases.',
    source: 'pkg/backend/route_network.go, handleSubnetEvents',
    profiles,
    proof: seenBy('route/stale-subnet:stale'),
  },
  {
    id: 'FL-ROUTE-09',
    level: 'SHOULD',
    says: 'A host SHOULD have no network of its own inside the range that subnets are leased from.',
    source: 'pkg/subnet/etcd/local_manager.go, allocateSubnet',
    profiles,
    proof: seenBy('route/network-overlap:overlapping'),
  },
  {
    id: 'FL-ROUTE-10',
    level: 'SHOULD',
    says: 'The neighbour table SHOULD stay below its limits.',
    source: 'Linux net/core/neighbour.c, gc_thresh',
    profiles,
    proof: seenBy('neighbour/table:near-limit'),
  },
  {
    id: 'FL-ROUTE-11',
    level: 'MUST',
    says: 'A part of the own subnet MUST NOT be routed away by another container network.',
    source: 'laboratory; Linux net/ipv4/route.c',
    profiles,
    proof: seenBy('route/foreign-network:part-of-own-subnet'),
  },
]
