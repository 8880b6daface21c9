import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { makeAuthority } from '../../datastore/http/certificates-for-tests.ts'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { tlsFiles } from './tls-files.ts'

const DAY_MS = 86_400_000

function block(option: string, state: string, text = ''): string {
  return `pid=12\noption=${option}\npath=/etc/etcd/${option}.pem\nstate=${state}\n${text}`
}

test('certificates with their names and dates; nothing of the key', async (t) => {
  const made = await makeAuthority(await mkdtemp(join(tmpdir(), 'tls-files-')), 'ca')
  const { ca, cert } = await made('client', 'DNS:localhost')
  const [authority, client] = await Promise.all([readFile(ca, 'utf8'), readFile(cert, 'utf8')])
  const { files } = parsedValue(
    tlsFiles,
    block('etcd-cafile', 'present', authority + authority) +
      block('etcd-certfile', 'present', client) +
      block('etcd-keyfile', 'present'),
  )
  t.deepEqual(
    files.map(({ pid, option, state, certificates }) => `${pid} ${option} ${state} ${certificates.length}`),
    ['12 etcd-cafile present 2', '12 etcd-certfile present 1', '12 etcd-keyfile present 0'],
  )
  const [own] = files[1]?.certificates ?? []
  t.like(own, { subject: 'CN=client', issuer: 'CN=ca' })
  t.is((own?.notAfter ?? 0) - (own?.notBefore ?? 0), 2 * DAY_MS)
})

test('a block that is no certificate counts for nothing', (t) => {
  const junk = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  t.deepEqual(parsedValue(tlsFiles, block('etcd-certfile', 'present', junk)).files[0]?.certificates, [])
})

test('missing and unreadable files, a flanneld without TLS', (t) => {
  const { files } = parsedValue(
    tlsFiles,
    block('etcd-cafile', 'missing') + block('etcd-certfile', 'unreadable'),
  )
  t.deepEqual(
    files.map(({ state }) => state),
    ['missing', 'unreadable'],
  )
  t.deepEqual(parsedValue(tlsFiles, ''), { files: [] })
})

test('no flanneld, one of another user, another text', (t) => {
  const why = (text: string) => {
    const parsed = tlsFiles.parse(sectionOf('tlsFiles', text))
    return 'problem' in parsed ? parsed.problem.why : undefined
  }
  t.is(why('none\n'), 'not-applicable')
  t.is(why('hidden\n'), 'not-permitted')
  t.is(why('sed: broken\n'), 'unparsable')
})
