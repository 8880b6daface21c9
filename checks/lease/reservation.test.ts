import test from 'ava'
import { buildCluster, withLeases } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './reservation.ts'

function reserved(version: string): ClusterSnapshot {
  return withLeases(buildCluster({ hosts: 2, backend: 'vxlan', version }), (leases) =>
    leases.map(({ ttlSeconds: _, etcdLeaseId: __, ...lease }) => lease),
  )
}

testCheck(test, check, {
  passes: [
    { name: 'ordinary leases', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'reservations of etcd v2', cluster: () => reserved('v0.10.0') },
    { name: 'recorded v0.28.9', cluster: () => recordedCluster('v0.28.9-vxlan') },
  ],
  fails: [
    {
      name: 'not-honoured: plain keys in v3',
      cluster: () => reserved('v0.28.9'),
      findings: ['- not-honoured leases'],
    },
  ],
})
