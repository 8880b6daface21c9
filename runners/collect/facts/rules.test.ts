import test from 'ava'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { rules } from './rules.ts'

test('the three rules of every host', (t) => {
  t.deepEqual(
    parsedValue(rules, recordedText('v0.10.0-vxlan', 'h1', 'rules')).map(({ priority, from, table }) => [
      priority,
      from,
      table,
    ]),
    [
      [0, 'all', 'local'],
      [32766, 'all', 'main'],
      [32767, 'all', 'default'],
    ],
  )
})

const PLAIN = `50:\tnot from 10.0.0.0/8 to 1.2.3.0/24 fwmark 0x1/0xff iif lo lookup 100 suppress_prefixlength 0
55:\tfrom all goto 60
60:\tfrom 9.9.9.9 blackhole
`
const JSON_FORM = `[{"priority":50,"not":null,"src":"10.0.0.0","srclen":8,"dst":"1.2.3.0","dstlen":24,"fwmark":"0x1",
"fwmask":"0xff","iif":"lo","table":"100","suppress_prefixlen":0},{"priority":55,"src":"all","goto":60},
{"priority":60,"src":"9.9.9.9","action":"blackhole"}]`

test('selectors and actions beyond the usual are kept as words, in both forms', (t) => {
  const plain = parsedValue(rules, PLAIN)
  t.deepEqual(plain, parsedValue(rules, JSON_FORM))
  t.deepEqual(plain[0], {
    priority: 50,
    from: '10.0.0.0/8',
    to: '1.2.3.0/24',
    table: '100',
    other: ['not', 'fwmark 0x1/0xff', 'iif lo', 'suppress_prefixlength 0'],
  })
  t.deepEqual(plain[2]?.other, ['blackhole'])
})

test('text of another command is no rules', (t) => {
  t.throws(() => parsedValue(rules, 'RTNETLINK answers: x'), { message: /not a line of ip rule/ })
})
