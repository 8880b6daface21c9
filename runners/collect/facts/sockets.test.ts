import test from 'ava'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { sockets } from './sockets.ts'

test('the socket of the vxlan link', (t) => {
  t.deepEqual(parsedValue(sockets, recordedText('v0.10.0-vxlan', 'h1', 'sockets')), [
    { address: '0.0.0.0', port: 8472 },
  ])
})

test("flanneld's own socket of the udp backend is bound to one address", (t) => {
  const found = parsedValue(sockets, recordedText('v0.10.0-udp', 'h2', 'sockets'))
  t.deepEqual(
    found.filter(({ port }) => port === 8285),
    [{ address: '192.168.177.2', port: 8285 }],
  )
})

test('IPv6 addresses are put into byte order', (t) => {
  const line = '  1: 000080FE00000000FF00A00A01000000:0035 00000000000000000000000000000000:0000 07\n'
  t.deepEqual(parsedValue(sockets, line), [{ address: 'fe80:0:0:0:aa0:ff:0:1', port: 53 }])
  t.deepEqual(parsedValue(sockets, line.replace(/\b0000[0-9A-F]{28}\b/, '0'.repeat(32))), [
    { address: '::', port: 53 },
  ])
})
