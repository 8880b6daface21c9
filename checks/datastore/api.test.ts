import test from 'ava'
import { buildCluster, withDatastore, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { EtcdStatus } from '../model/etcd-member.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './api.ts'

function withEtcd(cluster: ClusterSnapshot, edited: Partial<EtcdStatus>): ClusterSnapshot {
  const { etcd } = cluster.datastore
  if (!etcd.known) throw new Error('the built cluster has no etcd')
  return withDatastore(cluster, { etcd: { ...etcd.value, ...edited } })
}

function withVersion(cluster: ClusterSnapshot, host: string, version: string): ClusterSnapshot {
  return withHost(cluster, host, ({ flanneld }) => ({
    flanneld: { processes: flanneld.processes.map((one) => ({ ...one, version })) },
  }))
}

const current = () => buildCluster({ hosts: 3, backend: 'vxlan' })
const old = () => buildCluster({ hosts: 3, backend: 'udp', version: 'v0.14.0' })

testCheck(test, check, {
  passes: [
    { name: 'v0.28.9 on the v3 store', cluster: current },
    { name: 'v0.14.0 on the v2 store', cluster: old },
    { name: 'a version that is not known', cluster: () => withVersion(current(), 'h2', 'dev') },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'one host on a version that reads the v2 store',
      cluster: () => withVersion(current(), 'h2', 'v0.17.0'),
      findings: ['h2 wrong-api /coreos.com/network/config'],
    },
    {
      name: 'configuration written through the v3 API for v0.14.0',
      cluster: () => withEtcd(old(), { api: 'v3' }),
      findings: ['h1', 'h2', 'h3'].map((host) => `${host} wrong-api /coreos.com/network/config`),
    },
    {
      name: 'a configuration in both stores',
      cluster: () => withEtcd(current(), { otherApiHasConfig: true }),
      findings: ['- both-hold-config /coreos.com/network/config'],
    },
  ],
})

test('with a configuration in both stores nothing is said about hosts that read the other one', (t) => {
  const both = withEtcd(withVersion(current(), 'h2', 'v0.17.0'), { otherApiHasConfig: true })
  const [result] = evaluate(both, [check], both.window.to)
  t.deepEqual(
    result?.findings.map(({ code }) => code),
    ['datastore/api:both-hold-config'],
  )
  t.regex(result?.reason ?? '', /h2: flanneld v0\.17\.0 reads the v2 store/)
})

test('where etcd serves no v2 nothing is to be written through it', (t) => {
  const cluster = withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h2', ({ flanneld }) => ({
    flanneld: { processes: flanneld.processes.map((one) => ({ ...one, version: 'v0.17.0' })) },
  }))
  const fixOf = (edited: typeof cluster) =>
    evaluate(edited, [check], edited.window.to).flatMap(({ findings }) => findings)[0]
  t.regex(fixOf(cluster)?.fixes[0]?.command ?? '', /ETCDCTL_API=3 .* get .* \| ETCDCTL_API=2 /)
  const { etcd } = cluster.datastore
  const off = withDatastore(cluster, etcd.known ? { etcd: { ...etcd.value, otherApiOff: true } } : {})
  t.regex(fixOf(off)?.fix ?? '', /^Take flannel v0\.18\.0 or later on h2/)
  t.deepEqual(fixOf(off)?.fixes, [])
})
