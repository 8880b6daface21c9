import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { parseAddress } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './capacity.ts'

const address = (text: string): number => parseAddress(text) ?? 0

/** Room for as many subnets, leased by three hosts. */
function range(last: string): ClusterSnapshot {
  const config = { subnetMin: address('10.2.1.0'), subnetMax: address(last) }
  return buildCluster({ hosts: 3, backend: 'vxlan', config })
}

/** h1 without a lease, its subnet leased by a host that is not here. */
function waiting(cluster: ClusterSnapshot): ClusterSnapshot {
  const bare = withHost(cluster, 'h1', ({ links, subnetEnv }) => ({
    links: links.filter(({ vxlan }) => vxlan === undefined),
    subnetEnv: { path: subnetEnv.path, otherLines: [] },
  }))
  return withLeases(bare, (leases) =>
    leases.map((lease, at) =>
      at === 0 ? { ...lease, publicIp: address('172.20.9.9'), vtepMac: '0e:2a:00:00:09:09' } : lease,
    ),
  )
}

testCheck(test, check, {
  passes: [
    { name: 'the whole network', cluster: () => buildCluster({ hosts: 3, backend: 'host-gw' }) },
    { name: 'one subnet is free', cluster: () => range('10.2.4.0') },
    { name: 'a host waits although one is free', cluster: () => waiting(range('10.2.4.0')) },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    { name: 'full', cluster: () => range('10.2.3.0'), findings: ['- full subnets'] },
    {
      name: 'exhausted: a host waits',
      cluster: () => waiting(range('10.2.3.0')),
      findings: ['- exhausted subnets'],
    },
  ],
})
