import test from 'ava'
import { buildCluster, withDatastore, withHost, withoutFact } from '../../fixtures/build.ts'
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

/** h1 whose flanneld has ended; `subnetEnv` stays as its trace. */
const ended = (cluster: ClusterSnapshot) => withHost(cluster, 'h1', () => ({ flanneld: { processes: [] } }))

test('where every flanneld has ended it is the key that is missing, and no restart helps', (t) => {
  const cluster = ended(withoutConfig('missing'))
  const [finding] = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
  t.is(finding?.code, 'datastore/config-key:missing')
  t.regex(finding?.message ?? '', /flanneld on h1 cannot start without/)
})

test('a host on which flanneld never was waits for nothing', (t) => {
  const bare = withoutFact(ended(withoutConfig('missing')), 'h1', { name: 'subnetEnv', why: 'missing' })
  const cluster = withHost(bare, 'h1', ({ links }) => ({
    links: links.filter(({ name }) => !name.startsWith('flannel')),
    services: new Map(),
  }))
  t.deepEqual(
    evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings),
    [],
  )
})

test('a flanneld that asks for the key waits, though a subnet.env is left', (t) => {
  const text = "Couldn't fetch network config: flannel config not found in etcd store."
  const lines = [{ raw: text, level: 'error', ageSeconds: 1, text } as const]
  const cluster = withHost(withoutConfig('missing'), 'h1', () => ({
    flanneldLog: { tails: [{ from: 'file', name: 'f', lines }] },
  }))
  const [finding] = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
  t.is(finding?.code, 'datastore/config-key:missing')
})

test('a directory in the place of the key has no command that would write to it', (t) => {
  const damaged = withoutConfig('unparsable')
  const { etcd } = damaged.datastore
  if (!etcd.known) return t.fail('the built cluster has no etcd')
  const directory = withDatastore(damaged, { etcd: { ...etcd.value, configIsDirectory: true } })
  const fixes = (cluster: ClusterSnapshot) =>
    evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings[0]?.fixes ?? [])
  t.is(fixes(damaged).length, 1)
  t.deepEqual(fixes(directory), [])
})

test('an IPv6-only network is undecided, not damaged', (t) => {
  const cluster = withoutConfig('not-applicable')
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})

test('a store that was not to be read says nothing about the key', (t) => {
  const cluster = withoutConfig('not-permitted')
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})
