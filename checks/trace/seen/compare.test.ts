import test from 'ava'
import { withHost } from '../../../fixtures/build.ts'
import { VXLAN_TAPS } from '../../../fixtures/traced-for-tests.ts'
import { sysctl, VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { Trace } from '../trace.ts'
import { C1, C2, PLAIN } from '../walk/cases-for-tests.ts'
import { walk, walkPing } from '../walk.ts'
import { compareTrace, type Sighting } from './compare.ts'

/** The first `count` taps saw it, a millisecond apart, the others did not. */
function seenBy(count: number, taps = VXLAN_TAPS): readonly Sighting[] {
  return taps.map((tap, index) =>
    index < count ? { ...tap, seen: true, at: 5000 + index } : { ...tap, seen: false },
  )
}

const healthy = walk(VXLAN, { from: C1, to: C2 }, PLAIN)
const forwardingOff = walk(
  sysctl('h2', 'net.ipv4.conf.flannel.1.forwarding', '0')(VXLAN),
  { from: C1, to: C2 },
  PLAIN,
)
const noFdb = walk(
  withHost(VXLAN, 'h1', () => ({ fdb: [] })),
  { from: C1, to: C2 },
  PLAIN,
)
const unreadFilters = { ...forwardingOff, ends: 'not-enough-facts' } as const satisfies Trace

function judged(trace: Trace, seen: readonly Sighting[]): string {
  const { ends, agreement, lastSeen, hops } = compareTrace(trace, seen)
  const last = lastSeen === undefined ? undefined : hops[lastSeen]
  return `${ends}, ${agreement}, last at ${last ? `${last.stage} of ${last.host}` : 'none'}`
}

const CASES: readonly (readonly [string, Trace, readonly Sighting[], string])[] = [
  ['arrives as predicted', healthy, seenBy(10), 'delivered, confirmed, last at target of h2'],
  ['no taps', healthy, [], 'delivered, predicted-only, last at none'],
  [
    'taps that prove nothing',
    healthy,
    seenBy(0).map((one) => ({ ...one, seen: undefined })),
    'delivered, predicted-only, last at none',
  ],
  [
    'lost between the underlay links',
    healthy,
    seenBy(5),
    'lost-on-underlay, confirmed, last at underlay of h1',
  ],
  [
    'lost on the receiver for no known reason',
    healthy,
    seenBy(7),
    'not-enough-facts, contradicted, last at decap of h2',
  ],
  [
    'lost in the bridge for no known reason',
    healthy,
    seenBy(8),
    'not-enough-facts, contradicted, last at bridge-in of h2',
  ],
  ['never left the container', healthy, seenBy(0), 'not-enough-facts, contradicted, last at none'],
  [
    'the last tap is silent',
    healthy,
    seenBy(10).slice(0, 9),
    'delivered, predicted-only, last at bridge-in of h2',
  ],
  ['dropped as predicted', forwardingOff, seenBy(7), 'forwarding-off, confirmed, last at decap of h2'],
  ['dropped by FDB as predicted', noFdb, seenBy(4), 'no-fdb, confirmed, last at neighbour of h1'],
  [
    'dropped before the predicted place',
    forwardingOff,
    seenBy(3),
    'not-enough-facts, contradicted, last at bridge of h1',
  ],
  [
    'lost on the underlay before the predicted place',
    forwardingOff,
    seenBy(5),
    'lost-on-underlay, contradicted, last at underlay of h1',
  ],
  ['not dropped where predicted', forwardingOff, seenBy(10), 'delivered, contradicted, last at target of h2'],
  [
    'beyond the predicted drop and lost later',
    noFdb,
    seenBy(7),
    'not-enough-facts, contradicted, last at decap of h2',
  ],
  ['what could not be told arrives', unreadFilters, seenBy(10), 'delivered, confirmed, last at target of h2'],
  [
    'what could not be told is lost',
    unreadFilters,
    seenBy(7),
    'not-enough-facts, predicted-only, last at decap of h2',
  ],
]

for (const [words, trace, seen, is] of CASES) {
  test(`${words}: ${is}`, (t) => {
    t.is(judged(trace, seen), is)
  })
}

test('sightings and times stand at their hops', (t) => {
  const { hops } = compareTrace(healthy, seenBy(7))
  const times = hops.flatMap(({ stage, host, seen, at }) =>
    seen === undefined ? [] : [`${host} ${stage} ${seen} ${at ?? ''}`.trim()],
  )
  t.deepEqual(times, [
    'h1 source true 0',
    'h1 bridge true 1',
    'h1 bridge true 2',
    'h1 neighbour true 3',
    'h1 underlay true 4',
    'h2 underlay true 5',
    'h2 decap true 6',
    'h2 bridge-in false',
    'h2 bridge-in false',
    'h2 target false',
  ])
})

test('a packet that takes another way contradicts the prediction', (t) => {
  const past = seenBy(10).map((one) =>
    one.link === 'flannel.1' && one.host === 'h1' ? { ...one, seen: false } : one,
  )
  t.is(compareTrace(healthy, past).agreement, 'contradicted')
})

test('a container that never answers: the reply is not there, and no prediction is wrong', (t) => {
  const { reply } = walkPing(VXLAN, { from: C1, to: C2 }, PLAIN)
  const taps = VXLAN_TAPS.toReversed()
  t.is(reply && judged(reply, seenBy(0, taps)), 'no-answer, confirmed, last at none')
  t.is(reply && judged(reply, seenBy(10, taps)), 'delivered, confirmed, last at target of h1')
})

test('a packet that leaves by the wrong link, as predicted, contradicts nothing', (t) => {
  const route = { host: 'h1', stage: 'route', used: [], predicted: 'wrong-route' } as const
  const strayed = { ...healthy, hops: [...healthy.hops.slice(0, 3), route], ends: 'wrong-route' } as const
  const seen = VXLAN_TAPS.map((tap, index) => ({ ...tap, seen: index < 3 || index === 4 }))
  t.is(judged(strayed, seen), 'wrong-route, confirmed, last at bridge of h1')
  const arrived = VXLAN_TAPS.map((tap) => ({ ...tap, seen: true }))
  t.is(compareTrace(strayed, arrived).agreement, 'contradicted')
})

test('behind a predicted drop that did not happen the taps tell the rest of the way', (t) => {
  const { hops } = compareTrace(noFdb, seenBy(7))
  const links = hops.flatMap(({ host, link, seen }) =>
    link === undefined ? [] : [`${host} ${link} ${seen}`],
  )
  t.deepEqual(links.slice(-4), ['h1 eth0 true', 'h2 eth0 true', 'h2 flannel.1 true', 'h2 docker0 false'])
})

test('a sender that remembers the MAC of a gateway that is gone loses its packet on its bridge', (t) => {
  const [source] = healthy.hops
  if (source === undefined) return t.fail('the walk has no hop')
  const noGateway = {
    ...healthy,
    hops: [{ ...source, predicted: 'no-neighbour' as const }],
    ends: 'no-neighbour' as const,
  }
  t.is(judged(noGateway, seenBy(2)), 'no-neighbour, confirmed, last at bridge of h1')
  t.is(compareTrace(noGateway, seenBy(2)).hops.at(1)?.predicted, 'no-neighbour')
  t.is(judged(noGateway, seenBy(10)), 'delivered, contradicted, last at target of h2')
})
