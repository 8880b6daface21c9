import test from 'ava'
import { followedPing, kernelDrop, tapsSeeing, withFollowed } from '../../../fixtures/traced-for-tests.ts'
import { rule, VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { judgePings } from './judged-trace.ts'

test('of two sizes with two fates the length is blamed where a rule goes by it, else chance may be it', (t) => {
  const saysOf = (cluster: ClusterSnapshot) => {
    const seen = followedPing({ answered: 208, taps: tapsSeeing({ request: 7 }) })
    return judgePings(withFollowed(cluster, seen)).traces.at(-1)?.says ?? ''
  }
  const byLength = rule('h2', 'FORWARD', '-m length --length 84 -j DROP')(VXLAN)
  t.regex(saysOf(byLength), /^packets of 208 bytes arrive, those of 84 do not: /)
  t.regex(
    saysOf(VXLAN),
    /^packets of 208 bytes arrived and those of 84 did not, for their length or by chance: /,
  )
})

test('a reason of TCP is none of a ping', (t) => {
  const drops = (reason: string) => [{ host: 'h2', drops: [kernelDrop(reason, 7)] }]
  const reasonOf = (reason: string) =>
    judgePings(withFollowed(VXLAN, followedPing({ taps: tapsSeeing({ request: 7 }), drops: drops(reason) })))
      .traces[0]?.dropReason
  t.is(reasonOf('TCP_OLD_DATA'), undefined)
  t.is(reasonOf('IP_RPFILTER'), 'IP_RPFILTER')
})
