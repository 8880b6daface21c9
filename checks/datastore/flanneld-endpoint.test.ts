import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './flanneld-endpoint.ts'

const healthy = () => buildCluster({ hosts: 2, backend: 'vxlan' })

function withEndpoint(cluster: ClusterSnapshot, url: string): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ flanneld }) => ({
    flanneld: {
      processes: flanneld.processes.map((one) => ({
        ...one,
        argv: ['flanneld', `-etcd-endpoints=${url}`, '-iface=eth0'],
      })),
    },
  }))
}

const withoutLease = (cluster: ClusterSnapshot) => withLeases(cluster, (leases) => leases.slice(1))

testCheck(test, check, {
  passes: [
    { name: 'the same endpoint', cluster: healthy },
    { name: 'another name for it', cluster: () => withEndpoint(healthy(), 'http://etcd.example:2379') },
    { name: 'a lost lease in the same etcd', cluster: () => withoutLease(healthy()) },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'own-etcd on the host itself',
      cluster: () => withoutLease(withEndpoint(healthy(), 'http://127.0.0.1:2379')),
      findings: ['h1 own-etcd -etcd-endpoints'],
    },
    {
      name: 'other-endpoint: a lost lease, and another name for etcd',
      cluster: () => withoutLease(withEndpoint(healthy(), 'http://etcd.example:2379')),
      findings: ['h1 other-endpoint -etcd-endpoints'],
    },
  ],
})
