import test from 'ava'
import { endpointPlace, isLoopbackName, placeText } from './etcd-endpoint.ts'

for (const [url, name, port] of [
  ['http://192.0.2.1:2379', '192.0.2.1', 2379],
  ['HTTPS://Etcd.Example:2379/', 'etcd.example', 2379],
  ['192.0.2.1:4001', '192.0.2.1', 4001],
  ['http://[2001:DB8::1]:2379/v2', '[2001:db8::1]', 2379],
  [' http://192.0.2.1', '192.0.2.1', undefined],
  ['', '', undefined],
] as const) {
  test(`the place of ${JSON.stringify(url)}`, (t) => {
    t.deepEqual(endpointPlace(url), port === undefined ? { name } : { name, port })
    t.is(placeText(url), port === undefined ? name : `${name}:${port}`)
  })
}

test('a loopback is one by its whole name', (t) => {
  for (const name of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) t.true(isLoopbackName(name), name)
  for (const name of ['localhost.example', '192.0.2.127', '[::2]', '']) t.false(isLoopbackName(name), name)
})
