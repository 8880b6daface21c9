/** Rules that take questions and answers of ARP on the bridge of a host: one case each. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { both, type Edit, gatewayAskedInVain, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { nativeTable } from '../../runners/collect/facts/rules-for-tests.ts'
import { testCases } from './walk/cases-for-tests.ts'

const match = (left: unknown, right: unknown) => ({ match: { op: '==', left, right } })
/** A rule of h1 that drops ARP which matches. */
const arpRule =
  (...matches: readonly unknown[]): Edit =>
  (cluster) => {
    const rule = [...matches, { drop: null }]
    const nftables = nativeTable('own', { family: 'arp', hook: 'input', policy: 'accept' }, rule)
    return withHost(cluster, 'h1', () => ({ nftables }))
  }
const arpFrom = (inLink: string, operation: string): Edit =>
  arpRule(
    match({ meta: { key: 'iifname' } }, inLink),
    match({ payload: { protocol: 'arp', field: 'operation' } }, operation),
  )
const frameRule =
  (hook: string, right: string): Edit =>
  (cluster) => {
    const rule = [match({ payload: { protocol: 'ether', field: 'type' } }, right), { drop: null }]
    const nftables = nativeTable('own', { family: 'bridge', hook, policy: 'accept' }, rule)
    return withHost(cluster, 'h1', () => ({ nftables }))
  }
testCases(test, VXLAN, [
  {
    name: 'the host drops what asks on the bridge',
    edit: both(arpFrom('docker0', 'request'), gatewayAskedInVain),
    ends: 'no-neighbour at bridge of h1',
  },
  {
    name: 'the host drops what asks, but may have asked itself: then it is known',
    edit: arpFrom('docker0', 'request'),
    ends: 'not-enough-facts at bridge of h1',
  },
  {
    name: 'the host drops what asks by chance',
    edit: both(arpRule(match({ numgen: { mode: 'random', mod: 2, offset: 0 } }, 0)), gatewayAskedInVain),
    ends: 'not-enough-facts at bridge of h1',
  },
  {
    name: 'the host drops what asks elsewhere',
    edit: both(arpFrom('eth0', 'request'), gatewayAskedInVain),
    ends: 'delivered',
  },
  ...['prerouting', 'input', 'output', 'postrouting'].map((hook) => ({
    name: `chain ${hook} of the bridge drops ARP`,
    edit: both(frameRule(hook, 'arp'), gatewayAskedInVain),
    ends: 'no-neighbour at bridge of h1',
  })),
  {
    name: 'the bridge drops frames of another type',
    edit: both(frameRule('input', 'vlan'), gatewayAskedInVain),
    ends: 'delivered',
  },
  {
    name: 'the host drops answers on the bridge',
    edit: both(arpFrom('docker0', 'reply'), gatewayAskedInVain),
    ends: 'delivered',
  },
])
