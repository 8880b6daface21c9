import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { needs } from '../test-needs.ts'
import { startTestEtcd, type TestEtcd } from './etcd-for-tests.ts'
import { GatewayDenial, gatewayOf } from './etcd-gateway.ts'
import { withTimesLeft } from './etcd-lease-times.ts'
import { readV3 } from './etcd-v3.ts'
import type { Access } from './http/access.ts'

const live = needs(test.serial, 'etcd')
const access = (): Access => ({
  tls: {},
  deadline: performance.now() + 5000,
  timeoutMs: 5000,
  signal: new AbortController().signal,
})

let etcd: TestEtcd | undefined
test.after.always(() => etcd?.stop())

/** Versions whose gateways the etcd of this machine has: of its own, and the one before it. */
for (const version of ['3.4.0', '3.3.27'])
  live(`the gateway of ${version} reads what gRPC reads`, async (t) => {
    etcd ??= await startTestEtcd()
    const { url, ctl } = etcd
    const endpoint = new URL(url)
    const prefix = `/via-${version}`
    const id = /lease (\w+) granted/.exec(await ctl('v3', 'lease', 'grant', '600'))?.[1] ?? ''
    await ctl('v3', 'put', `${prefix}/config`, '{"Network":"10.5.0.0/16"}')
    await ctl('v3', 'put', '--lease', id, `${prefix}/subnets/10.5.7.0-24`, 'Grüße \u{1f433}')
    await ctl('v3', 'put', `${prefix}/subnets/10.5.8.0-24`, '')
    const wanted = { prefix, configOnly: false }
    t.truthy(await gatewayOf(endpoint, access(), version)?.status(), 'there is one')
    const [plain, gRPC] = [
      await readV3(endpoint, access(), { ...wanted, version }),
      await readV3(endpoint, access(), wanted),
    ]
    t.deepEqual(plain, gRPC)
    t.is(plain.store.entries.length, 3)
    for (const member of [{ endpoint, version }, { endpoint }]) {
      const { entries } = await withTimesLeft(member, access(), plain.store)
      const [left] = entries.flatMap(({ ttlSeconds }) => ttlSeconds ?? [])
      t.true(left !== undefined && left > 500 && left <= 600)
    }
    t.true(Number(await gatewayOf(endpoint, access(), version)?.timeToLive('7')) < 0, 'a lease that is gone')
  })

const NO_ANSWERS: Readonly<Record<string, RequestListener>> = {
  'a proxy without the gateway': (_, answer) => answer.writeHead(404).end('404 page not found'),
  'a page': (_, answer) => answer.end('<html>'),
  'a list': (_, answer) => answer.end('[]'),
  'fields of other types': (_, answer) =>
    answer.end(
      '{"header":{"cluster_id":7,"member_id":"1","revision":{}},"version":"3","kvs":{"length":1},"TTL":[]}',
    ),
  'a refusal': (_, answer) => answer.writeHead(403).end('{"error":"etcdserver: permission denied","code":7}'),
  'a connection that ends': (request) => request.socket.destroy(),
}

for (const [name, answerWith] of Object.entries(NO_ANSWERS))
  test(`is no answer of a gateway: ${name}`, async (t) => {
    const server = createServer(answerWith).listen(0, '127.0.0.1')
    t.teardown(() => server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const gateway = gatewayOf(endpoint, access(), '3.5.9')
    t.is(await gateway?.status(), undefined)
    t.is(await gateway?.range({ key: Buffer.from('/a'), serializable: false }), undefined)
    t.is(await gateway?.timeToLive('7a'), undefined)
  })

test('that an account is missing is told, unless a certificate may be one', async (t) => {
  const denial = { code: 3, message: 'etcdserver: user name is empty', details: [] }
  const server = createServer((_, response) => response.writeHead(400).end(JSON.stringify(denial)))
  server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const question = { key: Buffer.from('/a'), serializable: false }
  const error = await t.throwsAsync(async () => gatewayOf(endpoint, access(), '3.5.9')?.range(question))
  t.true(error instanceof GatewayDenial)
  t.is(await gatewayOf(endpoint, access(), '3.5.9')?.timeToLive('7a'), undefined)
  const certified = { ...access(), tls: { cert: Buffer.from('x'), key: Buffer.from('x') } }
  t.is(await gatewayOf(endpoint, certified, '3.5.9')?.range(question), undefined)
})

test('an account, an etcd of another age and an unknown one are left to gRPC', (t) => {
  const endpoint = new URL('http://127.0.0.1:2379')
  t.is(gatewayOf(endpoint, { ...access(), user: 'root' }, '3.5.9'), undefined)
  for (const version of ['2.3.8', '4.0.0', 'not a version', undefined])
    t.is(gatewayOf(endpoint, access(), version), undefined)
})
