import test from 'ava'
import { buildCluster, withDatastore } from '../../fixtures/build.ts'
import type { EtcdEndpoint } from '../model/etcd-member.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './endpoint.ts'

const SECOND = 'http://172.20.255.253:2379'

function withSecond(second: Omit<EtcdEndpoint, 'url'>): ClusterSnapshot {
  const cluster = buildCluster({ hosts: 2, backend: 'vxlan' })
  const { etcd } = cluster.datastore
  if (!etcd.known) throw new Error('the built cluster has no etcd')
  const endpoints = [...etcd.value.endpoints, { url: SECOND, ...second }]
  return withDatastore(cluster, { etcd: { ...etcd.value, endpoints } })
}

testCheck(test, check, {
  passes: [
    { name: 'one healthy endpoint', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'two healthy endpoints', cluster: () => withSecond({ reachable: true, healthy: true }) },
    { name: 'an endpoint whose health is not known', cluster: () => withSecond({ reachable: true }) },
  ],
  fails: [
    {
      name: 'one of two does not answer',
      cluster: () => withSecond({ reachable: false, problem: 'connection refused' }),
      findings: [`- unreachable etcd endpoint ${SECOND}`],
    },
    {
      name: 'a member without a leader',
      cluster: () => withSecond({ reachable: true, healthy: false, trouble: 'etcdserver: no leader' }),
      findings: [`- unhealthy etcd endpoint ${SECOND}`],
    },
    {
      name: 'a member that only says that it is not healthy',
      cluster: () => withSecond({ reachable: true, healthy: false }),
      findings: [`- unhealthy etcd endpoint ${SECOND}`],
    },
  ],
})

test('an endpoint that does not answer breaks nothing while another does', (t) => {
  t.is((check.findings as Record<string, { severity: string }>).unreachable?.severity, 'info')
})
