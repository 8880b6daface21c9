/** Times out of ping's words, and percentiles by nearest rank. */
import test from 'ava'
import fc from 'fast-check'
import { percentile, replyTimes, roundTrips } from './round-trips.ts'

/** iputils 20221126. */
const PING = `PING 10.5.63.2 (10.5.63.2) 56(84) bytes of data.
64 bytes from 10.5.63.2: icmp_seq=1 ttl=62 time=0.110 ms
64 bytes from 10.5.63.2: icmp_seq=2 ttl=62 time=12.5 ms
64 bytes from 10.5.63.2: icmp_seq=2 ttl=62 time=13.0 ms (DUP!)
64 bytes from 10.5.63.9: icmp_seq=3 ttl=62 time=0.001 ms
From 10.5.40.1 icmp_seq=4 Destination Host Unreachable
64 bytes from 10.5.63.2: icmp_seq=5 ttl=62 time=1001 ms

--- 10.5.63.2 ping statistics ---
5 packets transmitted, 3 received, +1 duplicates, +1 errors, 40% packet loss, time 483ms
`

test('times are those of the first answers of the address that was asked', (t) => {
  t.deepEqual(replyTimes(PING, '10.5.63.2'), [0.11, 12.5, 1001])
  t.deepEqual(replyTimes(PING, '10.5.63.8'), [])
})

test('percentiles of one to a hundred', (t) => {
  const values = Array.from({ length: 100 }, (_, at) => at + 1)
  t.deepEqual(
    [0, 1, 50, 90, 99, 100].map((percent) => percentile(values, percent)),
    [1, 1, 50, 90, 99, 100],
  )
  t.is(percentile([7], 50), 7)
  t.is(percentile([1, 2], 50), 1)
  t.is(percentile([1, 2], 51), 2)
})

test('a percentile is a value that the given share does not exceed, and no smaller value is', (t) => {
  const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (numbers, percent) => {
      const found = percentile(
        numbers.toSorted((a, b) => a - b),
        percent,
      )
      const share = (most: (each: number) => boolean): number => numbers.filter(most).length * 100
      return (
        numbers.includes(found) &&
        share((each) => each <= found) >= percent * numbers.length &&
        share((each) => each < found) < percent * numbers.length
      )
    }),
  )
  t.pass()
})

test('rounds are pooled, losses are counted, and no answer at all is a problem', (t) => {
  const samples = [
    { sent: 3, times: [0.3, 0.1] },
    { sent: 2, times: [0.2] },
  ]
  t.deepEqual(roundTrips(samples, '192.0.2.12'), {
    sent: 5,
    received: 3,
    min: 0.1,
    p50: 0.2,
    p90: 0.3,
    p99: 0.3,
    max: 0.3,
  })
  t.deepEqual(roundTrips([{ sent: 50, times: [] }], '192.0.2.12'), {
    problem: 'none of 50 pings to 192.0.2.12 was answered',
  })
})
