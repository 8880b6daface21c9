/** IPv6 beside IPv4, as far as it is judged. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['dual-stack'] as const

export const DUAL_STACK: readonly Clause[] = [
  {
    id: 'FL-DUAL-01',
    level: 'SHOULD',
    says: 'FLANNEL_MTU SHOULD NOT be more than the IPv6 VTEP carries: its overhead is 70.',
    source: 'pkg/backend/vxlan/device.go, encapOverhead; laboratory, v0.20.2',
    since: 'v0.17.0',
    backends: ['vxlan'],
    profiles,
    proof: seenBy('subnet-env/ipv6-mtu:larger-than-link'),
  },
  {
    id: 'FL-DUAL-02',
    level: 'MUST',
    says: 'With EnableIPv6 every node MUST have an IPv6 podCIDR and publish public-ipv6 and backend-v6-data.',
    source: 'pkg/subnet/kube/kube.go, AcquireLease, nodeToLease; pkg/backend/vxlan/vxlan.go',
    since: 'v0.15.0',
    profiles,
    proof: seenBy('node/dual-stack:pod-cidr-missing', 'node/dual-stack:annotations-missing'),
  },
  {
    id: 'FL-DUAL-03',
    level: 'MUST',
    says: 'flannel-v6.VNI MUST have the first address of the IPv6 subnet as /128 and the MAC that its lease publishes.',
    source: 'pkg/backend/vxlan/vxlan.go, RegisterNetwork; device.go, ConfigureIPv6',
    since: 'v0.15.0',
    backends: ['vxlan'],
    profiles,
    proof: seenBy(
      'link/ipv6-vtep:missing',
      'link/ipv6-vtep:down',
      'link/ipv6-vtep:wrong-address',
      'link/ipv6-vtep:wrong-mac',
    ),
  },
  {
    id: 'FL-DUAL-04',
    level: 'MUST',
    says: 'FLANNEL_IPV6_SUBNET MUST be the IPv6 subnet.',
    source: 'pkg/subnet/subnet.go, WriteSubnetFile',
    since: 'v0.15.0',
    profiles,
    proof: seenBy('link/ipv6-vtep:subnet-env-differs'),
  },
  {
    id: 'FL-DUAL-05',
    level: 'MUST',
    says: 'Every host MUST have a route to the IPv6 subnet of each peer: onlink by flannel-v6.VNI, or by its public IPv6 address with host-gw and DirectRouting.',
    source:
      'pkg/backend/vxlan/vxlan_network.go, handleSubnetEvents; pkg/backend/route_network.go, addv6RouteList',
    since: 'v0.17.0',
    backends: ['vxlan', 'host-gw'],
    profiles,
    proof: seenBy(
      'route/ipv6-peer-subnet:missing',
      'route/ipv6-peer-subnet:none',
      'route/ipv6-peer-subnet:elsewhere',
    ),
  },
  {
    id: 'FL-DUAL-06',
    level: 'MUST',
    says: 'The kernel MUST forward IPv6, and the VTEP and the container bridge MUST take it.',
    source: 'Linux, net/ipv6/ip6_output.c, ip6_forward; net/ipv6/ip6_input.c, ip6_rcv_core',
    since: 'v0.17.0',
    backends: ['vxlan', 'host-gw'],
    profiles,
    proof: seenBy('route/ipv6-forwarding:off', 'route/ipv6-forwarding:disabled'),
  },
  {
    id: 'FL-DUAL-07',
    level: 'MUST',
    says: 'Containers of two hosts MUST reach each other by IPv6 where both have it.',
    source: 'pkg/backend/vxlan/vxlan.go; pkg/backend/hostgw/hostgw.go',
    since: 'v0.17.0',
    backends: ['vxlan', 'host-gw'],
    profiles,
    proof: seenBy('dataplane/ipv6-ping:lost'),
  },
]
