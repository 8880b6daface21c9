import test from 'ava'
import { endpointText, parseEndpoint } from './endpoint-url.ts'

const read = (text: string, secure = false): string => {
  const url = parseEndpoint(text, secure)
  return 'problem' in url ? url.problem : endpointText(url)
}

for (const [text, url] of [
  ['192.0.2.1', 'http://192.0.2.1:2379'],
  ['etcd.example/', 'http://etcd.example:2379'],
  ['192.0.2.1:4001', 'http://192.0.2.1:4001'],
  ['[2001:db8::1]', 'http://[2001:db8::1]:2379'],
  ['[2001:db8::1]:4001', 'http://[2001:db8::1]:4001'],
  ['http://192.0.2.1', 'http://192.0.2.1:80'],
  ['https://192.0.2.1', 'https://192.0.2.1:443'],
  ['ftp://192.0.2.1', 'only http:// and https:// are supported'],
  ['x:y', 'not a URL'],
] as const)
  test(`the endpoint ${text} is ${url}`, (t) => {
    t.is(read(text), url)
  })

test('with certificates a bare host is https, of the same port', (t) => {
  t.is(read('etcd.example', true), 'https://etcd.example:2379')
})
