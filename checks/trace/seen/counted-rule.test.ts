import test from 'ava'
import { followedPing, tapsSeeing, withFollowed } from '../../../fixtures/traced-for-tests.ts'
import { VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { TraceObservation } from '../../model/trace-observation.ts'
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
