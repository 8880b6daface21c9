import test from 'ava'
import fc from 'fast-check'
import {
  containsPrefix,
  formatPrefix,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../../../../checks/model/address.ts'
import { addressRedactor } from './redacted-addresses.ts'

const KEY = Buffer.from('another key that is none of a run')

const address = fc
  .nat({ max: 0xffff_ffff })
  .map((bits) => [24, 16, 8, 0].map((by) => (bits >>> by) & 255).join('.'))
const prefix = fc.tuple(fc.nat({ max: 0xffff_ffff }), fc.integer({ min: 8, max: 32 })).map(
  ([bits, length]): Prefix => ({
    address: (bits & (length === 0 ? 0 : -1 << (32 - length))) >>> 0,
    length,
  }),
)

test('two addresses keep as many leading bits in common as they had', (t) => {
  const redact = addressRedactor(KEY, [])
  const shared = (a: string, b: string): number => Math.clz32((parseAddress(a) ?? 0) ^ (parseAddress(b) ?? 0))
  fc.assert(
    fc.property(address, address, (a, b) => shared(a, b) === shared(redact(a), redact(b))),
    { seed: 3 },
  )
  t.pass()
})

test('a prefix that is named stays one, and holds what it held', (t) => {
  fc.assert(
    fc.property(prefix, prefix, (a, b) => {
      const redact = addressRedactor(KEY, [formatPrefix(a), formatPrefix(b)])
      const [c, d] = [parsePrefix(redact(formatPrefix(a))), parsePrefix(redact(formatPrefix(b)))]
      if (c === undefined || d === undefined) return false
      const isMasked = [c, d].every(
        ({ address: bits, length }) => length === 32 || (bits << length) >>> 0 === 0,
      )
      return isMasked && containsPrefix(a, b) === containsPrefix(c, d)
    }),
    { seed: 3 },
  )
  t.pass()
})

test('a u32 filter matches the address that its owner has elsewhere; its handle stays', (t) => {
  const redact = addressRedactor(KEY, [])
  const owner = parseAddress(redact('192.0.2.11')) ?? 0
  const hex = owner.toString(16).padStart(8, '0')
  t.is(redact('fh 800::800 match c000020b/ffffffff at 12'), `fh 800::800 match ${hex}/ffffffff at 12`)
  t.is(redact('match c0000200/ffffff00 at 16'), `match ${hex.slice(0, 6)}00/ffffff00 at 16`)
  t.is(redact('match c000020b/ffffffff at 20'), 'match c000020b/ffffffff at 20')
})

test('what has a meaning of its own stays: netmasks, loopback, groups, private ranges as ranges', (t) => {
  const redact = addressRedactor(KEY, ['10.0.0.0/8 172.16.0.0/12'])
  for (const kept of [
    '255.255.0.0',
    '0.0.0.0/0',
    '127.0.0.1',
    '224.0.0.22',
    '::1',
    'ff02::2',
    '01:00:5e:00:00:16',
  ])
    t.is(redact(kept), kept)
  t.is(redact('10.0.0.0/8 and 172.16.0.0/12'), '10.0.0.0/8 and 172.16.0.0/12')
  t.regex(redact('192.168.7.9'), /^192\.168\.\d+\.9$/)
  for (const other of ['1.24', '18:44:28', 'v1.2.3.4', '1.2.3.4.5', '300.1.1.1', 'a::b::c'])
    t.is(redact(other), other)
})

test('in the network of flannel the number of a subnet stays, and ranges keep their order', (t) => {
  const redact = addressRedactor(KEY, ['{"Network":"10.5.0.0/16"}', '--src-range 203.0.113.5-203.0.113.9'])
  t.regex(redact('10.5.33.1/24'), /^10\.\d+\.33\.1\/24$/)
  t.regex(redact('203.0.113.5-203.0.113.9'), /^(\d+\.\d+\.\d+)\.5-\1\.9$/)
})

test('MACs and IPv6 addresses are the same ones everywhere, link-local stays link-local', (t) => {
  const redact = addressRedactor(KEY, [])
  const mac = redact('06:fd:01:00:02:0a')
  t.regex(mac, /^06(:[\da-f]{2}){5}$/)
  t.not(mac, '06:fd:01:00:02:0a')
  t.is(redact('06:FD:01:00:02:0A'), mac)
  t.regex(redact('fe80::4fd:1ff:fe00:200'), /^fe80::/)
  t.not(redact('2001:db8::1'), '2001:db8::1')
  t.is(redact('[2001:db8::1]:2379').replace(/^\[|\]:2379$/g, ''), redact('2001:db8::1'))
})
