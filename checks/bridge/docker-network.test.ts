import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { parsePrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './docker-network.ts'

function withNetwork(name: string, subnet: string): ClusterSnapshot {
  const subnets = [parsePrefix(subnet) ?? { address: 0, length: 0 }]
  const network = { name, id: '0123456789ab', bridge: 'br-0123456789ab', subnets }
  return withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', ({ docker }) => ({
    docker: { ...docker, running: true, networks: [network] },
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'no Docker', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'a network with the leased subnet', cluster: () => withNetwork('apps', '10.2.1.0/24') },
    { name: 'the default network, judged elsewhere', cluster: () => withNetwork('bridge', '172.17.0.0/16') },
    { name: 'recorded dockerd', cluster: () => recordedCluster('v0.28.9-vxlan-docker') },
  ],
  fails: [
    {
      name: 'outside-lease: docker-compose',
      cluster: () => withNetwork('shop_default', '172.18.0.0/16'),
      findings: ['h1 outside-lease Docker networks'],
    },
  ],
})
