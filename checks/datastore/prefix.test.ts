import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './prefix.ts'

const healthy = () => buildCluster({ hosts: 2, backend: 'vxlan' })

function withFlags(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ClusterSnapshot {
  return withHost(healthy(), 'h1', () => ({
    flanneld: { processes: [{ pid: 1, argv: ['flanneld', ...flags], environment, version: 'v0.28.9' }] },
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'the default prefix', cluster: healthy },
    { name: 'a slash at the end', cluster: () => withFlags(['-etcd-prefix=/coreos.com/network/']) },
    { name: 'a flanneld that reads Kubernetes', cluster: () => withFlags(['-kube-subnet-mgr']) },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'the prefix of another distribution',
      cluster: () => withFlags(['--etcd-prefix', '/atomic.io/network']),
      findings: ['h1 differs -etcd-prefix'],
    },
    {
      name: 'no slash at the beginning, which v3 takes for another key',
      cluster: () => withFlags(['-etcd-prefix=coreos.com/network']),
      findings: ['h1 differs -etcd-prefix'],
    },
    {
      name: 'a prefix from the environment',
      cluster: () => withFlags([], { FLANNELD_ETCD_PREFIX: '/kube-centos/network' }),
      findings: ['h1 differs -etcd-prefix'],
    },
  ],
})

test('a prefix under which no configuration was found is not held against flanneld', (t) => {
  const cluster = withoutFact(withFlags(['-etcd-prefix=/atomic.io/network']), '', {
    name: 'config',
    why: 'missing',
  })
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.outcome, 'inconclusive')
  t.regex(result?.reason ?? '', /flanneld on h1 uses \/atomic\.io\/network/)
})
