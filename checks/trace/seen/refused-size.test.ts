import test from 'ava'
import { VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import { C1, C2 } from '../walk/cases-for-tests.ts'
import { walk } from '../walk.ts'
import { refusal, refusedSize } from './refused-size.ts'

const REFUSED = {
  sent: 2,
  received: 0,
  error: { kind: 'too-long', text: 'message too long', mtu: 1400 },
} as const
const unseen = { ...walk(VXLAN, { from: C1, to: C2 }, { size: 84 }), ends: 'not-enough-facts' } as const

test('a size the sender refuses is lost at its source, which has learnt it', (t) => {
  const { ends, hops, agreement } = refusedSize(unseen, REFUSED)
  t.is(ends, 'too-big')
  t.is(agreement, 'confirmed')
  t.regex(hops[0]?.why ?? '', /has learnt that no more than 1400 bytes get through/)
})

test('what the sender knows is told apart from what another host says', (t) => {
  t.deepEqual(refusal(REFUSED), { mtu: 1400 })
  t.deepEqual(refusal({ ...REFUSED, error: { kind: 'too-long', text: 'message too long' } }), {})
  t.is(refusal({ ...REFUSED, error: { ...REFUSED.error, by: '10.5.1.1' } }), undefined)
  t.is(refusal({ ...REFUSED, received: 1 }), undefined)
})

test('a predicted place stays', (t) => {
  const large = walk(VXLAN, { from: C1, to: C2 }, { size: 9000 })
  t.is(large.ends, 'too-big')
  const said = refusedSize({ ...large, ends: 'not-enough-facts', agreement: 'contradicted' }, REFUSED)
  t.is(said.ends, 'too-big')
  t.deepEqual(said.hops, large.hops)
})

test('what another host says, and an answered ping, are left alone', (t) => {
  t.is(refusedSize(unseen, { ...REFUSED, error: { ...REFUSED.error, by: '10.5.1.1' } }), unseen)
  t.is(refusedSize(unseen, { sent: 2, received: 2 }), unseen)
})
