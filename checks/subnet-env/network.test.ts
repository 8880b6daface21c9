import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { parsePrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './network.ts'

function withNetwork(text: string): ClusterSnapshot {
  const network = parsePrefix(text)
  if (!network) throw new Error(`${text} is no prefix`)
  return withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', ({ subnetEnv }) => ({
    subnetEnv: { ...subnetEnv, network },
  }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 2, backend }),
    })),
    { name: 'host bits in the file', cluster: () => withNetwork('10.2.3.4/16') },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'the file of a Kubernetes flannel',
      cluster: () => withNetwork('10.244.0.0/16'),
      findings: ['h1 differs-from-config FLANNEL_NETWORK'],
    },
    {
      name: 'another length',
      cluster: () => withNetwork('10.2.0.0/17'),
      findings: ['h1 differs-from-config FLANNEL_NETWORK'],
    },
  ],
})
