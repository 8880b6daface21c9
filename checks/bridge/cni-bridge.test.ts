import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { parseAddress } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './cni-bridge.ts'

function withCni(address: string, isAlone = false): ClusterSnapshot {
  const prefix = { address: parseAddress(address) ?? 0, length: 24 }
  const cni = { link: 'cni0', family: 'inet', address, length: 24, prefix, scope: 'global' } as const
  return withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', ({ addresses }) => ({
    addresses: [...addresses.filter(({ link }) => !isAlone || link !== 'docker0'), cni],
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'no cni0', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'cni0 as the container bridge', cluster: () => withCni('10.2.1.1', true) },
    { name: 'cni0 with the subnet of the lease', cluster: () => withCni('10.2.1.1') },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    { name: 'former-subnet', cluster: () => withCni('10.2.77.1'), findings: ['h1 former-subnet link cni0'] },
    {
      name: 'foreign-subnet',
      cluster: () => withCni('10.244.0.1'),
      findings: ['h1 foreign-subnet link cni0'],
    },
  ],
})
