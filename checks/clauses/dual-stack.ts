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
]
