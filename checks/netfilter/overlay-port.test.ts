import test from 'ava'
import { buildCluster, withoutFact } from '../../fixtures/build.ts'
import { withLegacyRules, withRules } from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { testCheck } from '../tester.ts'
import { check } from './overlay-port.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const udp = buildCluster({ hosts: 3, backend: 'udp' })
const CLOSED = ['*filter', ':INPUT DROP [0:0]', '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT']

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'udp', cluster: () => udp },
    { name: 'real dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
    {
      name: 'a closed firewall with the port open',
      cluster: () =>
        withRules(vxlan, ...CLOSED, '-A INPUT -p udp -m multiport --dports 53,8472 -j ACCEPT', 'COMMIT'),
    },
    {
      name: 'a custom port, open',
      cluster: () =>
        withRules(
          buildCluster({ hosts: 2, backend: 'vxlan', config: { port: 4789 } }),
          ...CLOSED,
          '-A INPUT -i eth0 -p udp -m udp --dport 4789 -j ACCEPT',
          'COMMIT',
        ),
    },
    {
      name: 'FORWARD closed, INPUT open',
      cluster: () => withRules(vxlan, '*filter', ':FORWARD DROP [0:0]', 'COMMIT'),
    },
  ],
  fails: [
    {
      name: 'dropped: by a rule for the port',
      cluster: () =>
        withRules(
          vxlan,
          '*filter',
          ':INPUT ACCEPT [0:0]',
          '-A INPUT -p udp -m udp --dport 8472 -j DROP',
          'COMMIT',
        ),
      findings: ['h1 dropped chain iptables-nft filter/INPUT'],
    },
    {
      name: 'dropped: by the policy, although replies are accepted',
      cluster: () => withRules(udp, ...CLOSED, 'COMMIT'),
      findings: ['h1 dropped chain iptables-nft filter/INPUT'],
    },
    {
      name: 'dropped: the default port is open, another is configured',
      cluster: () =>
        withLegacyRules(
          buildCluster({ hosts: 2, backend: 'vxlan', config: { port: 4789 } }),
          ...CLOSED,
          '-A INPUT -p udp -m udp --dport 8472 -j ACCEPT',
          'COMMIT',
        ),
      findings: ['h1 dropped chain iptables-legacy filter/INPUT'],
    },
    {
      name: 'dropped: a published port takes what opens a flow of udp',
      cluster: () =>
        withRules(
          udp,
          '*nat',
          ':PREROUTING ACCEPT [0:0]',
          '-A PREROUTING -p udp -m udp --dport 8285 -j DNAT --to-destination 10.2.1.2:80',
          'COMMIT',
        ),
      findings: ['h1 dropped chain iptables-nft nat/PREROUTING'],
    },
    {
      name: 'dropped: what the host sends is redirected',
      cluster: () =>
        withRules(
          buildCluster({ hosts: 3, backend: 'udp' }),
          '*nat',
          ':OUTPUT ACCEPT [0:0]',
          '-A OUTPUT -p udp -m udp --dport 8285 -j REDIRECT --to-ports 53',
          'COMMIT',
        ),
      findings: ['h1 dropped chain iptables-nft nat/OUTPUT'],
    },
    {
      name: 'dropped: one peer only',
      cluster: () =>
        withRules(vxlan, '*filter', ':INPUT ACCEPT [0:0]', '-A INPUT -s 172.20.0.3/32 -j REJECT', 'COMMIT'),
      findings: ['h1 dropped chain iptables-nft filter/INPUT'],
    },
  ],
})

test('the peer that is shut out is named', (t) => {
  const cluster = withRules(
    vxlan,
    '*filter',
    ':INPUT ACCEPT [0:0]',
    '-A INPUT -s 172.20.0.3/32 -j DROP',
    'COMMIT',
  )
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.findings[0]?.subject.peer, 'h3')
})

test('without any filter fact the check is inconclusive', (t) => {
  const names = ['iptables', 'iptablesLegacy', 'nftables'] as const
  const cluster = names.reduce((less, name) => withoutFact(less, 'h1', { name, why: 'not-installed' }), vxlan)
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})
