import test from 'ava'
import { followedPing, tapsSeeing, withFollowed } from '../../../fixtures/traced-for-tests.ts'
import { VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { TraceObservation } from '../../model/trace-observation.ts'
import type { Hop, Trace } from '../trace.ts'
import { withOpenRule } from './counted-rule.ts'
import { judgePings } from './judged-trace.ts'

test('a rule that nobody can judge is named by its own counter, where it alone counted what was sent', (t) => {
  const counted = (by: number, chain = 'FORWARD') =>
    ({
      kind: 'rule',
      rule: {
        backend: 'nft',
        table: 'filter',
        chain,
        rule: `-A ${chain} -m bpf -j DROP`,
        target: 'DROP',
        packets: 9,
      },
      by,
    }) as const
  const says = (...deltas: TraceObservation['counters'][number]['deltas']): string =>
    judgePings(
      withFollowed(
        VXLAN,
        followedPing({ taps: tapsSeeing({ request: 7 }), counters: [{ host: 'h2', deltas }] }),
      ),
    ).traces[0]?.says ?? ''
  t.regex(says(counted(2)), /rule: h2: filter -A FORWARD -m bpf -j DROP, which counted 2 more$/)
  t.notRegex(says(counted(7)), /rule:/)
  t.notRegex(says(counted(2), counted(2, 'INPUT')), /rule:/)
})

test('a rule that nobody can judge is named where a filter dropped the packet and no other is in its way', (t) => {
  const rule = { by: 'quota over 10 bytes drop', byPolicy: false, world: 'nft', chain: 'ip q/in' } as const
  const end: Hop = { host: 'h1', container: 'c1', stage: 'target', used: [], predicted: 'not-enough-facts' }
  const from = { host: 'h2', address: '10.5.2.2' }
  const trace = (...hops: Hop[]): Trace => ({
    ...{ from, to: { host: 'h1', address: '10.5.1.2' }, direction: 'request', hops },
    ...{ ends: 'filtered', agreement: 'contradicted', lastSeen: 0 },
  })
  const dropped = { dropReason: 'NETFILTER_DROP' }
  t.is(
    withOpenRule(trace({ ...end, rule }), dropped).rule,
    'h1/c1: ip q/in quota over 10 bytes drop, the only rule there that may',
  )
  t.deepEqual(withOpenRule(trace(end), dropped), dropped)
  const ofArp = { ...rule, chain: 'bridge filter/OUTPUT' }
  t.regex(withOpenRule(trace({ ...end, rule: ofArp }), {}).rule ?? '', /^h1\/c1: bridge filter/)
  t.is(withOpenRule(trace({ ...end, rule }), {}).rule, undefined)
  const unread = { droppedIn: { location: 'nf_queue' } }
  t.regex(withOpenRule(trace({ ...end, rule }), unread).rule ?? '', /^h1\/c1: ip q\/in/)
  t.deepEqual(withOpenRule(trace({ ...end, rule }), { dropReason: 'NO_SOCKET' }), { dropReason: 'NO_SOCKET' })
})
