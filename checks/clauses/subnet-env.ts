/** What flanneld leaves in subnet.env for Docker and CNI. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['core'] as const

export const SUBNET_ENV: readonly Clause[] = [
  {
    id: 'FL-ENV-01',
    level: 'MUST',
    says: 'A host with a lease MUST have a subnet.env.',
    source: 'pkg/subnet/subnet.go, WriteSubnetFile',
    profiles,
    proof: seenBy('subnet-env/file:missing', 'subnet-env/file:damaged'),
  },
  {
    id: 'FL-ENV-02',
    level: 'MUST',
    says: 'FLANNEL_NETWORK MUST be Network of the configuration.',
    source: 'pkg/subnet/subnet.go, WriteSubnetFile',
    profiles,
    proof: seenBy('subnet-env/network:differs-from-config'),
  },
  {
    id: 'FL-ENV-03',
    level: 'MUST',
    says: 'FLANNEL_SUBNET MUST be the first address of the own lease with its length.',
    source: 'pkg/subnet/subnet.go, WriteSubnetFile ("IncrementIP")',
    profiles,
    proof: seenBy('subnet-env/subnet:differs-from-lease'),
  },
  {
    id: 'FL-ENV-04',
    level: 'MUST',
    says: 'FLANNEL_MTU MUST NOT be more than the MTU of the external link less 50 with vxlan.',
    source: 'pkg/backend/vxlan/device.go, encapOverhead',
    backends: ['vxlan'],
    profiles,
    proof: seenBy('subnet-env/mtu:wrong'),
  },
  {
    id: 'FL-ENV-05',
    level: 'MUST',
    says: 'FLANNEL_MTU MUST NOT be more than the MTU of the external link with host-gw.',
    source: 'pkg/backend/route_network.go, MTU',
    backends: ['host-gw'],
    profiles,
    proof: seenBy('subnet-env/mtu:wrong'),
  },
  {
    id: 'FL-ENV-06',
    level: 'MUST',
    says: 'FLANNEL_MTU MUST NOT be more than the MTU of the external link less 28 with udp.',
    source: 'pkg/backend/udp/udp_amd64.go, encapOverhead',
    backends: ['udp'],
    profiles,
    proof: seenBy('subnet-env/mtu:wrong'),
  },
  {
    id: 'FL-ENV-07',
    level: 'SHOULD',
    says: 'FLANNEL_MTU SHOULD use all that the external link carries.',
    source: 'pkg/subnet/subnet.go, WriteSubnetFile',
    profiles,
    proof: seenBy('subnet-env/mtu:smaller-than-needed'),
  },
  {
    id: 'FL-ENV-08',
    level: 'MUST',
    says: 'FLANNEL_IPMASQ MUST be the -ip-masq of flanneld.',
    source: 'pkg/subnet/subnet.go, WriteSubnetFile',
    profiles,
    proof: seenBy('subnet-env/ip-masq:differs-from-option'),
  },
  {
    id: 'FL-ENV-09',
    level: 'SHOULD',
    says: 'subnet.env SHOULD be of the running flanneld: it is written at every start.',
    source: 'pkg/subnet/subnet.go, WriteSubnetFile',
    profiles,
    proof: seenBy('subnet-env/age:older-than-daemon', 'subnet-env/age:written-elsewhere'),
  },
]
