import test from 'ava'
import { maskedJson } from './mask-json.ts'

test('values of names that say that they are secret are masked, others stay', (t) => {
  for (const [text, masked] of [
    ['{"PSK":"x\\"y","UDPEncap":true}', '{"PSK":"********","UDPEncap":true}'],
    ['{"AccessKeySecret" : "x"}', '{"AccessKeySecret" : "********"}'],
    ['{"a":"token","b":"x"}', '{"a":"token","b":"x"}'],
    ['{Backend: {psk: x, Port: 1}}', '{Backend: {psk: "********", Port: 1}}'],
    ['{"PSK":"never ends', '{"PSK":"********"'],
  ] as const)
    t.is(maskedJson(text), masked)
})

test('a megabyte of one word, of names or of backslashes takes no time that grows with its square', (t) => {
  for (const text of ['a', 'psk', '"psk', '\\"', 'psk:', '"psk":"\\']) {
    t.notThrows(() => maskedJson(text.repeat(1_000_000 / text.length)))
  }
})
