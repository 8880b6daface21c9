/** Changes below the prefix in a real etcd: by the gateway, by gRPC and in the v2 store. */
import test from 'ava'
import { needs } from '../test-needs.ts'
import { startTestEtcd, type TestEtcd } from './etcd-for-tests.ts'
import type { EtcdRequest } from './request.ts'
import { watchEtcd } from './watch-etcd.ts'

const live = needs(test.serial, 'etcd')
let etcd: TestEtcd | undefined
test.after.always(() => etcd?.stop())

const SUBNET = '/net/subnets/10.5.7.0-24'
/** Beside the prefix. */
const SIBLING = '/network/config'

const WAYS: Readonly<Record<string, Pick<EtcdRequest, 'api' | 'user'>>> = {
  'the gateway': { api: 'v3' },
  'gRPC, with an account that etcd does not keep': { api: 'v3', user: 'somebody' },
  'the v2 store': { api: 'v2' },
}

for (const [name, way] of Object.entries(WAYS))
  live(`${name} tells of every change, and of no other key`, async (t) => {
    etcd ??= await startTestEtcd()
    const api = way.api === 'v2' ? 'v2' : 'v3'
    const { url, ctl } = etcd
    const put = (key: string, value: string) => ctl(api, api === 'v2' ? 'set' : 'put', key, value)
    await put(SUBNET, 'before')
    const stop = new AbortController()
    t.teardown(() => stop.abort())
    let changes = 0
    let told = Promise.withResolvers<void>()
    const watching = watchEtcd(
      { endpoints: ['http://127.0.0.1:1', url], prefix: '/net', ...way },
      () => {
        changes++
        told.resolve()
      },
      stop.signal,
    )
    // It stands when the first change is told.
    const until = new AbortController()
    void told.promise.then(() => until.abort())
    for (let at = 0; !until.signal.aborted; at++) {
      await put(SUBNET, String(at))
      await Promise.race([told.promise, new Promise((resolve) => setTimeout(resolve, 100))])
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    changes = 0
    told = Promise.withResolvers()
    await put(SIBLING, 'x')
    await put(SUBNET, 'after')
    await told.promise
    await ctl(api, api === 'v2' ? 'rm' : 'del', SUBNET)
    while (changes < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    t.is(changes, 2)
    stop.abort()
    await watching
  })

test('endpoints that are none end it', async (t) => {
  await watchEtcd(
    { endpoints: ['ftp://x'], prefix: '/net', api: 'auto' },
    () => t.fail(),
    new AbortController().signal,
  )
  t.pass()
})
