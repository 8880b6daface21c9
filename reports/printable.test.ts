import test from 'ava'
import fc from 'fast-check'
import { printable } from './printable.ts'

test('controls and direction marks become visible', (t) => {
  t.is(
    printable('a\u001b[31m\tb\r\n\u0000\u009b\u202e\u200b\ufeff'),
    'a\\x1b[31m\\tb\\r\\n\\x00\\x9b\\u202e\\u200b\\ufeff',
  )
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
