import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { present } from '../../checks/model/present.ts'
import { needs } from '../test-needs.ts'
import { datastoreFacts } from './datastore-facts.ts'
import { startTestEtcd } from './etcd-for-tests.ts'
import { makeAuthority } from './http/certificates-for-tests.ts'
import { readEtcd } from './read-etcd.ts'
import type { EtcdRequest } from './request.ts'

const CONFIG = '{"Network":"10.5.0.0/16","Backend":{"Type":"vxlan"}}'

const live = needs(test, 'etcd')

async function ask(request: Partial<EtcdRequest> & Pick<EtcdRequest, 'endpoints' | 'prefix'>) {
  return datastoreFacts(await readEtcd({ api: 'auto', ...request }, new AbortController().signal))
}

function detail(fact: { known: boolean; detail?: string }): string {
  return fact.known ? 'known' : (fact.detail ?? '')
}

live('TLS with client certificates, and every way to get it wrong', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'flannel-doctor-tls-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const sign = await makeAuthority(folder, 'ours')
  const ours = await sign('etcd', 'IP:127.0.0.1')
  const stranger = await (await makeAuthority(folder, 'theirs'))('stranger', 'IP:127.0.0.1')
  const etcd = await startTestEtcd({ tls: ours })
  t.teardown(etcd.stop)
  await etcd.ctl('v3', 'put', '/tls/config', CONFIG)
  await etcd.ctl('v2', 'set', '/tls2/config', CONFIG)
  const endpoints = [etcd.url]
  const good = await ask({ endpoints, prefix: '/tls', ...ours })
  t.like(good.config, { known: true, value: { backend: 'vxlan' } })
  t.like(good.etcd, { value: { api: 'v3', endpoints: { 0: { healthy: true } } } })
  t.like((await ask({ endpoints, prefix: '/tls2', ...ours })).etcd, { known: true, value: { api: 'v2' } })
  const wrong = async (request: Partial<EtcdRequest>): Promise<string> => {
    const facts = await ask({ endpoints, prefix: '/tls', ...request })
    t.is(detail(facts.etcd), detail(facts.config))
    return detail(facts.config)
  }
  t.regex(await wrong({}), /not signed by a trusted authority \(give its CA with --etcd-ca\)/)
  t.regex(await wrong({ ca: stranger.ca }), /not signed by a trusted authority/)
  t.regex(await wrong({ ca: ours.ca }), /refused our TLS certificate or wants one \(give --etcd-cert/)
  t.regex(await wrong({ ...stranger, ca: ours.ca }), /refused our TLS certificate/)
  t.regex(
    await wrong({ endpoints: [etcd.url.replace('https', 'http')] }),
    /it may speak only TLS: https:|it speaks only TLS/,
  )
  t.regex(
    await wrong({ ...ours, endpoints: [etcd.url.replace('127.0.0.1', 'localhost')] }),
    /certificate is for another name or address/,
  )
  const junk = join(folder, 'junk.pem')
  await writeFile(junk, 'not a certificate')
  t.regex(await wrong({ ...ours, cert: junk }), /PEM|no start line/i)
})

live('https towards an etcd without TLS', async (t) => {
  const etcd = await startTestEtcd({ v2: false })
  t.teardown(etcd.stop)
  const facts = await ask({ endpoints: [etcd.url.replace('http', 'https')], prefix: '/x' })
  t.regex(detail(facts.etcd), /closed the connection .*it may not speak TLS: http:/)
})

live('v2 API switched off', async (t) => {
  const etcd = await startTestEtcd({ v2: false })
  t.teardown(etcd.stop)
  await etcd.ctl('v3', 'put', '/off/config', CONFIG)
  const endpoints = [etcd.url]
  t.like((await ask({ endpoints, prefix: '/off' })).config, { known: true })
  const asked = await ask({ endpoints, prefix: '/off', api: 'v2' })
  t.regex(detail(asked.config), /^the etcd v2 API is switched off .*; the v3 store has \/off\/config$/)
  t.true(asked.etcd.known)
  t.regex(detail((await ask({ endpoints, prefix: '/none' })).config), /the v2 API is switched off; nothing/)
})

live('user and password', async (t) => {
  const etcd = await startTestEtcd({ v2: false })
  t.teardown(etcd.stop)
  const endpoints = [etcd.url]
  const root = { user: 'root', password: 'root-word' }
  await etcd.ctl('v3', 'put', '/auth/config', CONFIG)
  t.true(
    (await ask({ endpoints, prefix: '/auth', ...root })).config.known,
    'an account is no harm without auth',
  )
  await etcd.ctl('v3', 'user', 'add', 'root:root-word')
  await etcd.ctl('v3', 'user', 'grant-role', 'root', 'root')
  await etcd.ctl('v3', 'user', 'add', 'guest:guest-word')
  await etcd.ctl('v3', 'auth', 'enable')
  t.true((await ask({ endpoints, prefix: '/auth', ...root })).config.known)
  for (const account of [
    {},
    { user: 'root', password: 'wrong' },
    { user: 'guest', password: 'guest-word' },
  ]) {
    const { etcd: status, config, leases } = await ask({ endpoints, prefix: '/auth', ...account })
    t.true(status.known)
    t.like(config, { known: false, why: 'not-permitted' })
    t.like(leases, { known: false, why: 'not-permitted' })
    t.regex(detail(config), /refused the read: .* \(give --etcd-user name:password\)/)
  }
})

live('user and password of the v2 API', async (t) => {
  const etcd = await startTestEtcd()
  t.teardown(etcd.stop)
  const root = { user: 'root', password: 'root-word' }
  await etcd.ctl('v2', 'set', '/auth/config', CONFIG)
  const put = async (path: string, body: object, account?: string): Promise<void> => {
    const headers = account === undefined ? undefined : { authorization: `Basic ${btoa(account)}` }
    const init = { method: 'PUT', body: JSON.stringify(body), ...present({ headers }) }
    const answer = await fetch(`${etcd.url}/v2/auth/${path}`, init)
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  }
  await put('users/root', root)
  await put('enable', {})
  const everything = { kv: { read: ['/*'], write: ['/*'] } }
  await put('roles/guest', { role: 'guest', revoke: everything }, 'root:root-word')
  const request = { endpoints: [etcd.url], prefix: '/auth', api: 'v2' as const }
  t.true((await ask({ ...request, ...root })).config.known)
  const refused = await ask(request)
  t.like(refused.config, { known: false, why: 'not-permitted' })
  t.regex(detail(refused.config), /the etcd v2 API refused the read: .* \(give --etcd-user name:password\)/)
})
