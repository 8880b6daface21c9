import test from 'ava'
import { withHost } from '../../../fixtures/build.ts'
import { link, rule, VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import { predictions } from './predictions.ts'
import { askedSizes } from './size-rules.ts'

test('a rule of any host or container that looks at the length of packets is found', (t) => {
  t.is(askedSizes(VXLAN), undefined)
  t.deepEqual(askedSizes(rule('h2', 'FORWARD', '-m length --length 0:100 -j DROP')(VXLAN)), [50])
  const inside = withHost(VXLAN, 'h1', ({ containers }) => ({
    containers: containers.map((one) => {
      const rules = [{ table: 'filter', chain: 'INPUT', text: '-A INPUT -m length --length 0:100 -j DROP' }]
      const iptables = { variant: 'nf_tables', chains: [], rules } as never
      return { ...one, network: { ...one.network, iptables } as never }
    }),
  }))
  t.deepEqual(askedSizes(inside), [50])
})

test('small packets that a rule takes are lost though large ones pass', (t) => {
  const { lost } = predictions(rule('h2', 'FORWARD', '-m length --length 0:100 -j DROP')(VXLAN))
  t.true(lost.length > 0)
  t.true(lost.every(({ isOnlyLarge }) => !isOnlyLarge))
})

test('where only large packets are lost the small ones are walked as well', (t) => {
  const { lost, walked } = predictions(link('h2', 'flannel.1', { mtu: 1000 })(VXLAN))
  t.true(lost.length > 0)
  t.true(lost.every(({ isOnlyLarge, size }) => isOnlyLarge && size > 1000))
  t.is(walked, predictions(VXLAN).walked)
})

test('packets of a size in the middle that a rule takes are lost though small and large ones pass', (t) => {
  const broken = rule('h2', 'FORWARD', '-m length --length 500:1000 -j DROP')(VXLAN)
  const { lost } = predictions(broken)
  t.true(lost.length > 0)
  t.true(lost.every(({ isBetween, size }) => isBetween && size === 750))
})
