import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { Absence, ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './config-key.ts'

const healthy = () => buildCluster({ hosts: 1, backend: 'vxlan' })
const KEY = '/coreos.com/network/config'

function withoutConfig(why: Absence, cluster: ClusterSnapshot = healthy()): ClusterSnapshot {
  return withoutFact(cluster, '', { name: 'config', why, detail: `no key ${KEY}` })
}

function waiting(cluster: ClusterSnapshot): ClusterSnapshot {
  return withoutFact(cluster, 'h1', { name: 'subnetEnv', why: 'missing', detail: 'no such file' })
}

function withFlag(cluster: ClusterSnapshot, flag: string): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ flanneld }) => ({
    flanneld: { processes: flanneld.processes.map((one) => ({ ...one, argv: [...one.argv, flag] })) },
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'a configuration that is there', cluster: healthy },
    {
      name: 'another prefix was read',
      cluster: () => withoutConfig('missing', withFlag(healthy(), '-etcd-prefix=/atomic.io/network')),
    },
    {
      name: 'a flanneld that reads Kubernetes',
      cluster: () => withoutConfig('missing', withFlag(healthy(), '-kube-subnet-mgr')),
    },
  ],
  fails: [
    {
      name: 'missing: flanneld waits',
      cluster: () => waiting(withoutConfig('missing')),
      findings: [`- missing ${KEY}`],
    },
    {
      name: 'removed: flanneld runs on',
      cluster: () => withoutConfig('missing'),
      findings: [`- removed ${KEY}`],
    },
    {
      name: 'refused: flanneld waits',
      cluster: () => waiting(withoutConfig('unparsable')),
      findings: [`- refused ${KEY}`],
    },
    {
      name: 'damaged: flanneld runs on',
      cluster: () => withoutConfig('unparsable'),
      findings: [`- damaged ${KEY}`],
    },
  ],
})

test('a store that was not to be read says nothing about the key', (t) => {
  const cluster = withoutConfig('not-permitted')
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})
