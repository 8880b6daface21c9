/** What is concluded of packets that are sent in place of pings. */
import test from 'ava'
import { followedPing, tapsSeeing, withFollowed } from '../../../fixtures/traced-for-tests.ts'
import { VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { TraceObservation } from '../../model/trace-observation.ts'
import { judgePings } from './judged-trace.ts'

const ALL = 10
const ANSWERED = { sent: 2, received: 2, ttl: 62 } as const

test('a datagram that is not answered has arrived; a refusal of a port whose question never came is a filter’s', (t) => {
  const packet = { protocol: 'udp', sourcePort: 40_000, destinationPort: 53 } as const
  const judged = (request: number, more: Partial<TraceObservation>) =>
    judgePings(
      withFollowed(VXLAN, followedPing({ packet, taps: tapsSeeing({ request }), ...more })),
    ).traces.map(({ direction, ends, agreement }) => `${direction} ${ends} ${agreement}`)
  t.deepEqual(judged(ALL, {}), ['request delivered confirmed'])
  t.deepEqual(judged(0, { taps: [] }), ['request not-enough-facts predicted-only'])
  t.deepEqual(judged(7, {}), ['request not-enough-facts contradicted'])
  const reset = { ...packet, protocol: 'tcp', answer: 'closed' } as const
  t.deepEqual(judged(7, { packet: reset, ping: { ...ANSWERED, ttl: 63 } }), [
    'request not-enough-facts contradicted',
  ])
  const [trace] = judgePings(
    withFollowed(VXLAN, followedPing({ packet: reset, taps: tapsSeeing({ request: 5 }) })),
  ).traces
  t.regex(trace?.says ?? '', /^the request for TCP port 53 from h1\/h1c1 to h2\/h2c1 was seen on h1 eth0/)
})
