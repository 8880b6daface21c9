import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './process.ts'

/** h1 with one flanneld per list of flags. */
function running(...commands: (readonly string[])[]): ClusterSnapshot {
  const processes = commands.map((flags, at) => ({
    pid: 100 + at,
    argv: ['/usr/local/bin/flanneld', ...flags],
    environment: {},
    version: 'v0.28.9',
  }))
  return withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', () => ({ flanneld: { processes } }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 2, backend }),
    })),
    {
      name: 'values with blanks and hyphens',
      cluster: () => running(['-iface-regex=^(eth|en) - .*$', '-etcd-prefix', '/a b-c/network']),
    },
    { name: 'recorded v0.6.2', cluster: () => recordedCluster('v0.6.2-vxlan') },
  ],
  fails: [
    { name: 'stopped', cluster: () => running(), findings: ['h1 not-running flanneld'] },
    {
      name: 'started twice',
      cluster: () => running(['-iface=eth0'], ['-iface=eth0', '-subnet-file=/run/other.env']),
      findings: ['h1 several flanneld'],
    },
    {
      name: 'options that quotes made one word',
      cluster: () => running(['-etcd-endpoints=http://192.0.2.1:2379 -iface=eth0 -ip-masq']),
      findings: ['h1 options-as-one-word flanneld'],
    },
    {
      name: 'two networks, one subnet.env',
      cluster: () => running(['-etcd-prefix=/one'], ['-etcd-prefix=/two']),
      findings: ['h1 several flanneld'],
    },
    {
      name: 'a Kubernetes flanneld on the same subnet.env',
      cluster: () => running([], ['-kube-subnet-mgr']),
      findings: ['h1 several flanneld'],
    },
    {
      name: 'two networks, each with its own file',
      cluster: () => running([], ['-etcd-prefix=/two', '-subnet-file=/run/two.env']),
      findings: ['h1 other-network flanneld'],
    },
  ],
})

test('what flanneld said last stands beside that it does not run', (t) => {
  const text = 'something that nobody has read before'
  const lines = [{ raw: text, level: 'error', text } as const]
  const cluster = withHost(running(), 'h1', () => ({
    flanneldLog: { tails: [{ from: 'file', name: 'f', lines }] },
  }))
  const [finding] = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
  t.true(finding?.message.endsWith(`the last it said is "${text}"`), finding?.message)
})

test('a second network on one host is for information only', (t) => {
  t.is((check.findings as Record<string, { severity: string }>)['other-network']?.severity, 'info')
})

test('a flanneld that the kernel asks for peers loses packets with its end, another one does not', (t) => {
  const effectOf = (version: string) => {
    const cluster = withHost(buildCluster({ hosts: 2, backend: 'vxlan', version }), 'h1', () => ({
      flanneld: { processes: [] },
    }))
    const findings = evaluate(cluster, [check], cluster.window.to).flatMap((result) => result.findings)
    return findings.map(({ effect }) => effect)
  }
  t.deepEqual(effectOf('v0.7.0'), ['loss'])
  t.deepEqual(effectOf('v0.28.9'), ['risk'])
})

test('inside k3s there is no flanneld: without the Kubernetes API it is undecided', (t) => {
  const path = '/var/lib/rancher/k3s/agent/etc/flannel/net-conf.json'
  const cluster = withHost(running(), 'h1', () => ({ netConf: { file: { path, text: '{}' } } }))
  const results = evaluate(cluster, [check], cluster.window.to).filter(({ host }) => host === 'h1')
  t.like(results, { length: 1, 0: { outcome: 'inconclusive', findings: [] } })
})
