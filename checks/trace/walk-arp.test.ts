/** Rules that take questions and answers of ARP on the bridge of a host: one case each. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { withNetwork } from '../../fixtures/containers-for-tests.ts'
import {
  both,
  type Edit,
  gatewayAskedInVain,
  neighbours,
  sysctl,
  VXLAN,
} from '../../fixtures/walk-edits-for-tests.ts'
import { nativeTable } from '../../runners/collect/facts/rules-for-tests.ts'
import { testCases } from './walk/cases-for-tests.ts'

const match = (left: unknown, right: unknown) => ({ match: { op: '==', left, right } })
/** A rule that drops ARP which matches. */
const arpRuleOf =
  (host: string, hook: string, ...matches: readonly unknown[]): Edit =>
  (cluster) => {
    const rule = [...matches, { drop: null }]
    const nftables = nativeTable('own', { family: 'arp', hook, policy: 'accept' }, rule)
    return withHost(cluster, host, () => ({ nftables }))
  }
const arpRule = (...matches: readonly unknown[]): Edit => arpRuleOf('h1', 'input', ...matches)
/** A host has asked for an address, and nobody answered. */
const askedInVain = (host: string, address: string, link: string): Edit =>
  both(
    neighbours(host, (one) => (one.address === address ? [] : [one])),
    (cluster) =>
      withHost(cluster, host, ({ neighbours: all }) => ({
        neighbours: [...all, { address, link, states: ['FAILED'] }],
      })),
  )
const containerAskedInVain = both(
  (cluster) => withNetwork(cluster, 'h2', () => ({})),
  askedInVain('h2', '10.2.2.2', 'docker0'),
)
const peerAskedInVain = askedInVain('h1', '172.20.0.2', 'eth0')
const arpFrom = (inLink: string, operation: string, host = 'h1'): Edit =>
  arpRuleOf(
    host,
    'input',
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
    name: 'the host drops the answers that it waits for',
    edit: both(arpFrom('docker0', 'reply', 'h2'), containerAskedInVain),
    ends: 'no-neighbour at bridge-in of h2',
  },
  {
    name: 'the host drops its own questions on the underlay',
    edit: both(arpRuleOf('h1', 'output', match({ meta: { key: 'oifname' } }, 'eth0')), peerAskedInVain),
    ends: 'no-neighbour at underlay of h1',
  },
  {
    name: 'the host never asks on its bridge',
    edit: both(sysctl('h2', 'net.ipv4.neigh.docker0.mcast_solicit', '0'), containerAskedInVain),
    ends: 'no-neighbour at bridge-in of h2',
  },
  {
    name: 'the host never asks on its bridge and knows nothing of the container yet',
    edit: both(
      both(
        (cluster) => withNetwork(cluster, 'h2', () => ({})),
        neighbours('h2', (one) => (one.address === '10.2.2.2' ? [] : [one])),
      ),
      sysctl('h2', 'net.ipv4.neigh.docker0.mcast_solicit', '0'),
    ),
    ends: 'no-neighbour at bridge-in of h2',
  },
  {
    name: 'the host never asks on its bridge, but may know',
    edit: sysctl('h2', 'net.ipv4.neigh.docker0.mcast_solicit', '0'),
    ends: 'delivered',
  },
  {
    name: 'the host drops answers on the bridge',
    edit: both(arpFrom('docker0', 'reply'), gatewayAskedInVain),
    ends: 'delivered',
  },
])
