import test from 'ava'
import fc from 'fast-check'
import { printable, printableJson } from './printable.ts'

test('controls and direction marks become visible', (t) => {
  t.is(
    printable('a\u001b[31m\tb\r\n\u0000\u009b\u202e\u200b\ufeff'),
    'a\\x1b[31m\\tb\\r\\n\\x00\\x9b\\u202e\\u200b\\ufeff',
  )
  t.is(printable('a\u{e0041}\ufff9b'), 'a\\u{e0041}\\ufff9b')
  t.is(printable('plain ünïcode 日本 🙂'), 'plain ünïcode 日本 🙂')
  t.is(printable('\ud800x'), '\\ud800x')
})

test('long text is cut at whole characters', (t) => {
  t.is(printable('abcdef', 3), 'abc…')
  t.is(printable('🙂🙂🙂', 2), '🙂🙂…')
  t.is(printable('🙂🙂', 2), '🙂🙂')
})

test('nothing unsafe survives', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => !/[\p{Cc}\p{Surrogate}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(printable(text)),
      ),
    ),
  )
})

test('JSON is the same value without anything hidden', (t) => {
  const value = { 'a\u009b31m': ['\u202e', '\u{e0041}', '\u001b', '\ud800', 'ü 🙂'] }
  const text = printableJson(value)
  t.deepEqual(JSON.parse(text), value)
  t.is(text.replaceAll(/[ -~\nü🙂]/gu, ''), '')
})
