import test from 'ava'
import { BUILT_AT, buildCluster, withDatastore, withHost, withoutFact } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { Certificate, TlsFile } from '../model/tls-file.ts'
import { testCheck } from '../tester.ts'
import { check } from './tls-files.ts'

const DAY = 86_400_000
const PATHS = { 'etcd-cafile': '/etc/ca.pem', 'etcd-certfile': '/etc/c.pem', 'etcd-keyfile': '/etc/c.key' }

/** A certificate valid from and to so many days from now. */
function certificate(from: number, to: number): Certificate {
  const [notBefore, notAfter] = [BUILT_AT + from * DAY, BUILT_AT + to * DAY]
  return { subject: 'CN=flanneld', issuer: 'CN=etcd', notBefore, notAfter }
}

function file(option: TlsFile['option'], changes: Partial<TlsFile> = {}): TlsFile {
  const certificates = option === 'etcd-keyfile' ? [] : [certificate(-100, 265)]
  return { pid: 1234, option, path: PATHS[option], state: 'present', certificates, ...changes }
}

function withFiles(...changed: readonly TlsFile[]): ClusterSnapshot {
  const files = [file('etcd-cafile'), file('etcd-certfile'), file('etcd-keyfile')].map(
    (one) => changed.find(({ option }) => option === one.option) ?? one,
  )
  return withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', () => ({ tlsFiles: { files } }))
}

const withClient = (...certificates: readonly Certificate[]): ClusterSnapshot =>
  withFiles(file('etcd-certfile', { certificates }))
const withAuthorities = (...certificates: readonly Certificate[]): ClusterSnapshot =>
  withFiles(file('etcd-cafile', { certificates }))

function withWords(words: readonly string[], version = 'v0.28.9'): ClusterSnapshot {
  const cluster = buildCluster({ hosts: 1, backend: 'vxlan', version })
  return withHost(cluster, 'h1', ({ flanneld: { processes } }) => ({
    flanneld: {
      processes: processes.map((one) => ({
        ...one,
        argv: ['flanneld', '-etcd-endpoints=https://192.0.2.1:2379', ...words],
      })),
    },
  }))
}

/** h1 with all three files, and an etcd whose certificate these have signed. */
function withSigners(...signers: readonly string[]): ClusterSnapshot {
  const url = 'https://192.0.2.1:2379'
  const cluster = withFiles()
  const { etcd } = cluster.datastore
  if (!etcd.known) throw new Error('no etcd')
  const words = ['-etcd-cafile=/etc/ca.pem', '-etcd-certfile=/etc/c.pem', '-etcd-keyfile=/etc/c.key']
  const argv = ['flanneld', `-etcd-endpoints=${url}/`, ...words]
  const told = withHost(cluster, 'h1', ({ flanneld: { processes } }) => ({
    flanneld: { processes: processes.map((one) => ({ ...one, argv })) },
  }))
  return withDatastore(told, { etcd: { ...etcd.value, endpoints: [{ url, reachable: true, signers }] } })
}

testCheck(test, check, {
  passes: [
    { name: 'the authority signed the certificate of etcd', cluster: () => withSigners('CN=flanneld') },
    { name: 'it signed the authority between', cluster: () => withSigners('CN=between', 'CN=flanneld') },
    { name: 'no TLS', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'valid files', cluster: () => withFiles() },
    {
      name: 'an expired authority beside its successor',
      cluster: () => withAuthorities(certificate(-400, -1), certificate(-10, 300)),
    },
    {
      name: 'an expired intermediate behind the own certificate',
      cluster: () => withClient(certificate(-9, 300), certificate(-400, -1)),
    },
    {
      name: 'a certificate of one day, renewed this morning',
      cluster: () => withClient(certificate(-0.5, 0.5)),
    },
    { name: 'ninety days, to be renewed in five', cluster: () => withClient(certificate(-55, 35)) },
    {
      name: 'an authority alone, for the client of etcd v2',
      cluster: () => withWords(['-etcd-cafile=/ca'], 'v0.17.0'),
    },
    {
      name: 'files of a process that has ended since',
      cluster: () => withFiles(file('etcd-certfile', { pid: 99, certificates: [certificate(-9, -1)] })),
    },
  ],
  fails: [
    {
      name: 'another authority signed the certificate of etcd',
      cluster: () => withSigners('CN=other'),
      findings: ['h1 other-authority file /etc/ca.pem'],
    },
    {
      name: 'expired',
      cluster: () => withClient(certificate(-366, -1)),
      findings: ['h1 expired file /etc/c.pem'],
    },
    {
      name: 'every authority has expired',
      cluster: () => withAuthorities(certificate(-400, -9), certificate(-400, -1)),
      findings: ['h1 expired file /etc/ca.pem'],
    },
    {
      name: 'not valid yet',
      cluster: () => withClient(certificate(1, 300)),
      findings: ['h1 not-yet-valid file /etc/c.pem'],
    },
    {
      name: 'a year ends in ten days',
      cluster: () => withClient(certificate(-355, 10)),
      findings: ['h1 expires-soon file /etc/c.pem'],
    },
    {
      name: 'no key',
      cluster: () => withFiles(file('etcd-keyfile', { state: 'missing' })),
      findings: ['h1 missing file /etc/c.key'],
    },
    {
      name: 'no certificate in the file',
      cluster: () => withClient(),
      findings: ['h1 no-certificate file /etc/c.pem'],
    },
    {
      name: 'an authority alone',
      cluster: () => withWords(['-etcd-cafile=/ca']),
      findings: ['h1 not-used flanneld 1234'],
    },
    {
      name: 'no key given',
      cluster: () => withWords(['-etcd-cafile=/ca', '-etcd-certfile=/c']),
      findings: ['h1 not-used flanneld 1234'],
    },
  ],
})

test('a file that cannot be read leaves the check undecided', (t) => {
  const cluster = withFiles(file('etcd-cafile', { state: 'unreadable', certificates: [] }))
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})

test('a state recorded before the fact existed is not applicable', async (t) => {
  const cluster = await recordedCluster('v0.10.0-vxlan')
  const outcomes = evaluate(cluster, [check], cluster.window.to).map(({ outcome }) => outcome)
  t.deepEqual([...new Set(outcomes)], ['not-applicable'])
})

test('etcd need not be readable: that is when the files matter', (t) => {
  const cluster = withoutFact(withClient(certificate(-366, -1)), '', { name: 'etcd', why: 'unreachable' })
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'fail')
})
