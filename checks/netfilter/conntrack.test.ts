import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './conntrack.ts'

function withTable(count: string, limit: string): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 1, backend: 'udp' }), 'h1', ({ sysctls }) => ({
    sysctls: new Map([
      ...sysctls,
      ['net.netfilter.nf_conntrack_count', count],
      ['net.netfilter.nf_conntrack_max', limit],
    ]),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'a few flows', cluster: () => withTable('812', '262144') },
    { name: 'no connection tracking', cluster: () => buildCluster({ hosts: 1, backend: 'host-gw' }) },
    { name: 'no limit', cluster: () => withTable('812', '0') },
    { name: 'recorded v0.28.9', cluster: () => recordedCluster('v0.28.9-vxlan') },
  ],
  fails: [
    {
      name: 'near-limit',
      cluster: () => withTable('9700', '10000'),
      findings: ['h1 near-limit sysctl net.netfilter.nf_conntrack_max'],
    },
    {
      name: 'full',
      cluster: () => withTable('10000', '10000'),
      findings: ['h1 full sysctl net.netfilter.nf_conntrack_max'],
    },
  ],
})
