/** Reading etcd by a shell in another network: here that of the test itself, which is entered all the same. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { needs } from '../test-needs.ts'
import { startSilentServer } from './etcd-for-tests.ts'
import { isPlain, readRelayed } from './read-relayed.ts'
import type { EtcdRequest } from './request.ts'

const HERE = '/proc/self/ns/net'
const live = needs(test, 'root')
const { signal } = new AbortController()
const request = (...endpoints: readonly string[]): EtcdRequest => ({ endpoints, prefix: '/x', api: 'v3' })

test('only plain HTTP at addresses, without an account, is left to a shell', (t) => {
  t.true(isPlain(request('http://192.0.2.1:2379', '192.0.2.2:2379')))
  for (const other of [
    'https://192.0.2.1:2379',
    'http://etcd:2379',
    'http://[::1]:2379',
    'telnet://x',
    'http://u:p@192.0.2.1',
  ])
    t.false(isPlain(request('http://192.0.2.1:2379', other)), other)
  t.false(isPlain({ ...request('http://192.0.2.1:2379'), user: 'root' }))
  t.false(isPlain({ ...request('http://192.0.2.1:2379'), ca: '/ca.pem' }))
})

live('where nobody listens or answers, or only gRPC is left, there is no reading', async (t) => {
  const silent = await startSilentServer()
  t.teardown(silent.stop)
  // Says that it is an etcd, and has no gateway.
  const bare = createServer((question, answer) =>
    question.url === '/version' ? answer.end('{"etcdserver":"3.5.9"}') : answer.writeHead(404).end(),
  ).listen(0, '127.0.0.1')
  t.teardown(() => bare.close())
  await new Promise((resolve) => bare.once('listening', resolve))
  const { port } = bare.address() as AddressInfo
  for (const url of ['http://127.0.0.1:1', silent.url, `http://127.0.0.1:${port}`])
    t.is(await readRelayed(HERE, request(url), signal), undefined, url)
  t.is(await readRelayed('/run/netns/fdt-nowhere', request(`http://127.0.0.1:${port}`), signal), undefined)
})
