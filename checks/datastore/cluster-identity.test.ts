import test from 'ava'
import { buildCluster, withDatastore } from '../../fixtures/build.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './cluster-identity.ts'

function withClusters(...ids: (string | undefined)[]): ClusterSnapshot {
  const cluster = buildCluster({ hosts: 2, backend: 'vxlan' })
  const { etcd } = cluster.datastore
  if (!etcd.known) throw new Error('the built cluster has no etcd')
  const endpoints = ids.map((clusterId, at) => ({
    url: `http://172.20.255.${at + 1}:2379`,
    reachable: clusterId !== undefined,
    ...present({ clusterId }),
  }))
  return withDatastore(cluster, { etcd: { ...etcd.value, endpoints } })
}

testCheck(test, check, {
  passes: [
    { name: 'one endpoint', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'three members of one cluster', cluster: () => withClusters('cdf8', 'cdf8', 'cdf8') },
    {
      name: 'a dead endpoint says nothing about its cluster',
      cluster: () => withClusters('cdf8', undefined),
    },
  ],
  fails: [
    {
      name: 'an etcd of its own on every host',
      cluster: () => withClusters('cdf8', '7e27', '1111'),
      findings: ['- split etcd cluster'],
    },
  ],
})
