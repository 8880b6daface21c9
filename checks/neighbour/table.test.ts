import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './table.ts'

interface Table {
  readonly entries: number
  readonly state: string
  readonly release?: string
  readonly limit?: string
}

function withTable({ entries, state, release = '6.1.0', limit = '1024' }: Table): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 1, backend: 'vxlan' }), 'h1', ({ kernel, sysctls }) => ({
    neighbours: Array.from({ length: entries }, (_, at) => ({
      address: `10.2.${at >> 8}.${at & 255}`,
      link: 'docker0',
      mac: '02:42:00:00:00:01',
      states: [state],
    })),
    kernel: { ...kernel, release },
    sysctls: new Map([...sysctls, ['net.ipv4.neigh.default.gc_thresh3', limit]]),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'a few', cluster: () => withTable({ entries: 20, state: 'REACHABLE' }) },
    { name: 'permanent ones since 5.0', cluster: () => withTable({ entries: 1000, state: 'PERMANENT' }) },
    { name: 'a raised limit', cluster: () => withTable({ entries: 1000, state: 'STALE', limit: '8192' }) },
    { name: 'a namespace without the setting', cluster: () => recordedCluster('v0.28.9-vxlan') },
  ],
  fails: [
    {
      name: 'near-limit: 1000 of 1024',
      cluster: () => withTable({ entries: 1000, state: 'STALE' }),
      findings: ['h1 near-limit sysctl net.ipv4.neigh.default.gc_thresh3'],
    },
    {
      name: 'near-limit: permanent ones before 5.0',
      cluster: () => withTable({ entries: 1000, state: 'PERMANENT', release: '4.19.0-27-amd64' }),
      findings: ['h1 near-limit sysctl net.ipv4.neigh.default.gc_thresh3'],
    },
  ],
})
