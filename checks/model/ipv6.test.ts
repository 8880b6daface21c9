import test from 'ava'
import { parseIpv6Prefix, printedIpv6 } from './ipv6.ts'

test('the same prefix in all its ways of writing', (t) => {
  const same = ['2001:db8:42::1/64', '2001:DB8:42:0::1/64', '2001:0db8:0042:0000:0000:0000:0000:0001/64']
  for (const text of same)
    t.deepEqual(parseIpv6Prefix(text), {
      address: '2001:db8:42:0:0:0:0:1',
      network: '2001:db8:42:0:0:0:0:0',
      length: 64,
    })
  t.like(parseIpv6Prefix('fd00:1:2:3ff::/58'), { network: 'fd00:1:2:3c0:0:0:0:0' })
  t.like(parseIpv6Prefix('::/0'), { network: '0:0:0:0:0:0:0:0', length: 0 })
  t.like(parseIpv6Prefix('fd00::1/128'), { network: 'fd00:0:0:0:0:0:0:1' })
})

test('what is none', (t) => {
  const wrong = [
    '10.0.0.0/24',
    'fd00::',
    'fd00::/129',
    '1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7:8:9/64',
    'a::b::c/64',
  ]
  for (const text of [...wrong, '12345::/64', '1:2:3:4::5:6:7:8/64', '/64', ''])
    t.is(parseIpv6Prefix(text), undefined, text)
})

test('an address as the kernel prints it', (t) => {
  const printed = [
    ['fd00:5:0:40:0:0:0:0', 'fd00:5:0:40::'],
    ['2001:0DB8:0001:0000:0000:0000:0000:0012', '2001:db8:1::12'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::', '::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ] as const
  for (const [text, expected] of printed) t.is(printedIpv6(text), expected)
  t.is(printedIpv6('10.0.0.1'), undefined)
})
