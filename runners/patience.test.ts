import test from 'ava'
import { newPatience } from './patience.ts'

test('a silent host is given up when no other has got on either, and at the latest after the longest time', (t) => {
  let now = 0
  const { heard, left } = newPatience({ silentMs: 20, mostMs: 60 }, () => now)
  t.is(left(0), 20)
  now = 15
  heard()
  t.is(left(0), 20)
  t.is(left(10), 20)
  now = 35
  t.is(left(0), 0)
  t.is(left(30), 15)
  now = 55
  heard()
  t.is(left(0), 5)
})
