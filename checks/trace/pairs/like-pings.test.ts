import test from 'ava'
import { withHost } from '../../../fixtures/build.ts'
import { rule, VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { HostFacts } from '../../model/snapshot.ts'
import { likePings } from './like-pings.ts'
import { plannedPairs } from './pairs.ts'
import { predictions } from './predictions.ts'
import { serviceLosses } from './services.ts'

/** The ordered pairs of hosts of which a connection fares as the ping did. */
function alike(cluster: typeof VXLAN): string {
  const isLike = likePings(cluster)
  const pairs = plannedPairs(cluster).pairs.flatMap(({ from, to }) => {
    const [[sender], [target]] = [from.containers, to.containers]
    return sender && target && isLike({ from: sender, to: target }) ? [`${from.name} ${to.name}`] : []
  })
  return pairs.sort().join(', ')
}

function changed(facts: (own: HostFacts) => Partial<HostFacts>): typeof VXLAN {
  return withHost(VXLAN, 'h2', facts)
}

const ALL = alike(VXLAN)
const WITHOUT_H2 = ALL.split(', ')
  .filter((pair) => !pair.includes('h2'))
  .join(', ')

test('every pair of a network whose rules name addresses alone', (t) => {
  t.is(ALL.split(', ').length, plannedPairs(VXLAN).pairs.length)
  t.is(alike(rule('h2', 'FORWARD', '-i eth9 -m conntrack --ctstate ESTABLISHED -j ACCEPT')(VXLAN)), ALL)
})

for (const words of ['-p tcp -j ACCEPT', '-m set --match-set some src,dst -j ACCEPT', '-p icmp -j ACCEPT'])
  test(`not the pairs of a host with the rule ${words}`, (t) => {
    t.is(alike(rule('h2', 'FORWARD', words)(VXLAN)), WITHOUT_H2)
  })

test('not those of a host with a policy rule, an IPsec policy or a filter of tc', (t) => {
  const policyRule = { priority: 100, from: 'all', table: '100', other: ['ipproto tcp'] }
  t.is(alike(changed(({ rules }) => ({ rules: [...rules, policyRule] }))), WITHOUT_H2)
  const xfrm = { policies: [{ selectors: ['proto tcp'] }], associations: 0 } as never
  t.is(alike(changed(() => ({ xfrm }))), WITHOUT_H2)
  const trafficControl = { qdiscs: [], filters: [{ link: 'eth9', keys: ['ip_proto tcp'] }] } as never
  t.is(alike(changed(() => ({ trafficControl }))), WITHOUT_H2)
})

test('not the pairs whose ping is lost, and a rule for one protocol is still found', (t) => {
  const cluster = rule('h2', 'FORWARD', '-p tcp -j DROP')(VXLAN)
  t.is(predictions(cluster).lost.length, 0)
  t.true(serviceLosses(cluster).some(({ protocol, host }) => protocol === 'tcp' && host === 'h2'))
  t.is(alike(rule('h2', 'FORWARD', '-j DROP')(VXLAN)), WITHOUT_H2)
})
