import test from 'ava'
import { buildCluster, withConfig, withLeases } from '../../fixtures/build.ts'
import { parsePrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './subnet.ts'

const healthy = () => buildCluster({ hosts: 3, backend: 'vxlan' })
const prefix = (text: string) => parsePrefix(text) ?? { address: 0, length: 0 }

/** The healthy cluster with the subnet of h2 replaced. */
function withSubnet(text: string): ClusterSnapshot {
  const key = `/coreos.com/network/subnets/${text.replace('/', '-')}`
  return withLeases(healthy(), (leases) =>
    leases.map((lease, at) => (at === 1 ? { ...lease, key, subnet: prefix(text) } : lease)),
  )
}

/** The healthy cluster with a record put by hand beside the three leases. */
function withExtra(text: string): ClusterSnapshot {
  const key = `/coreos.com/network/subnets/${text.replace('/', '-')}`
  return withLeases(healthy(), (leases) => [
    ...leases,
    {
      key,
      subnet: prefix(text),
      publicIp: prefix('172.20.0.99').address,
      backendType: 'vxlan',
      revision: 99,
    },
  ])
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 3, backend }),
    })),
    {
      name: 'SubnetLen 28',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', config: { subnetLength: 28 } }),
    },
    { name: 'the last subnet of the range', cluster: () => withSubnet('10.2.255.0/24') },
    ...recordedCases(['v0.6.2-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'Network changed, no host restarted',
      cluster: () => withConfig(healthy(), { network: prefix('10.9.0.0/16') }),
      findings: ['- all-outside-network leases'],
    },
    {
      name: 'one lease of another network',
      cluster: () => withSubnet('10.9.2.0/24'),
      findings: ['h2 outside-network lease 10.9.2.0/24'],
    },
    {
      name: 'a lease below SubnetMin',
      cluster: () => withSubnet('10.2.0.0/24'),
      findings: ['h2 outside-range lease 10.2.0.0/24'],
    },
    {
      name: 'a lease of another length',
      cluster: () => withSubnet('10.2.8.0/25'),
      findings: ['h2 wrong-length lease 10.2.8.0/25'],
    },
    {
      name: 'a lease as v0.6.2 makes it from an unaligned SubnetMin',
      cluster: () => withSubnet('10.2.76.5/24'),
      findings: ['h2 unaligned lease 10.2.76.5/24'],
    },
    {
      name: 'a record inside the subnet of h2',
      cluster: () => withExtra('10.2.2.128/25'),
      findings: ['- overlapping lease 10.2.2.128/25', '- wrong-length lease 10.2.2.128/25'],
    },
  ],
})
