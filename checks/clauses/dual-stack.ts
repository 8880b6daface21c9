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
    says: 'flannel-v6.VNI MUST have the first address of the IPv6 podCIDR as /128 and the MAC that its node publishes.',
    source: 'pkg/backend/vxlan/vxlan.go, RegisterNetwork; device.go, ConfigureIPv6',
    since: 'v0.15.0',
    backends: ['vxlan'],
    profiles,
    proof: seenBy('link/ipv6-vtep:missing', 'link/ipv6-vtep:wrong-address', 'link/ipv6-vtep:wrong-mac'),
  },
  {
    id: 'FL-DUAL-04',
    level: 'MUST',
    says: 'FLANNEL_IPV6_SUBNET MUST be the IPv6 podCIDR.',
    source: 'pkg/subnet/subnet.go, WriteSubnetFile',
    since: 'v0.15.0',
    profiles,
    proof: seenBy('link/ipv6-vtep:subnet-env-differs'),
  },
]
