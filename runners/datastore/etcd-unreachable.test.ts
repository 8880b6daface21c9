import test, { type ExecutionContext } from 'ava'
import { datastoreFacts } from './datastore-facts.ts'
import { freePort, startSilentServer } from './etcd-for-tests.ts'
import { readEtcd } from './read-etcd.ts'
import type { EtcdRequest } from './request.ts'

async function ask(request: Partial<EtcdRequest> & Pick<EtcdRequest, 'endpoints' | 'prefix'>) {
  return { facts: datastoreFacts(await readEtcd({ api: 'auto', ...request }, new AbortController().signal)) }
}

function absence(t: ExecutionContext, fact: { known: boolean; why?: string; detail?: string }) {
  t.false(fact.known)
  t.false(fact.detail?.includes('\n'))
  return { why: fact.why, detail: fact.detail ?? '' }
}

test('all endpoints dead', async (t) => {
  const dead = [`http://127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const { facts } = await ask({ endpoints: dead, prefix: '/x' })
  const { why, detail } = absence(t, facts.etcd)
  t.is(why, 'unreachable')
  t.is(
    detail,
    `no etcd endpoint answered: ${dead[0]}: connection refused; http://${dead[1]}: connection refused`,
  )
  t.deepEqual(absence(t, facts.config), { why, detail })
  t.deepEqual(absence(t, facts.leases), { why, detail })
})

test('a server that accepts and never answers ends in the deadline', async (t) => {
  const silent = await startSilentServer()
  t.teardown(silent.stop)
  const { facts } = await ask({ endpoints: [silent.url], prefix: '/x', timeoutMs: 300 })
  t.deepEqual(absence(t, facts.leases), {
    why: 'timed-out',
    detail: `no etcd endpoint answered: ${silent.url}: it accepted the connection and did not answer within 0.9 s`,
  })
})

test('an HTTP server that is not etcd, a URL that is none, a PEM file that is missing', async (t) => {
  const { createServer } = await import('node:http')
  const server = createServer((_, answer) => answer.end('<html>\u001b[2J')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const { facts } = await ask({
    endpoints: [`http://127.0.0.1:${port}`, 'ftp://x', 'http://u:canary@h'],
    prefix: '/x',
  })
  const { detail } = absence(t, facts.etcd)
  t.regex(
    detail,
    /no etcd endpoint answered: http:\/\/127.0.0.1:\d+: no etcd: it answers \/version with HTTP 200; is it a proxy.*; ftp:\/\/x: only http.*; http:\/\/h: a user in the URL/,
  )
  const ca = `${import.meta.dirname}/absent/ca.pem`
  const pem = await ask({ endpoints: ['https://127.0.0.1:1'], prefix: '/x', ca })
  t.regex(absence(t, pem.facts.etcd).detail, /cannot read \/.*\/absent\/ca.pem: no such file/)
})
