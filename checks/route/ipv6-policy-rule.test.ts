import test from 'ava'
import { withHost, withoutFact } from '../../fixtures/build.ts'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { ip6tables } from '../../runners/collect/facts/ip6tables.ts'
import { parsedValue } from '../../runners/collect/saved/recorded-section.ts'
import { judgedBy } from '../check-table.ts'
import type { Ipv6Route } from '../model/ipv6-state.ts'
import type { PolicyRule } from '../model/route.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-policy-rule.ts'

const vxlan = ipv6Cluster('vxlan', { ipv6Network: 'fd00:5::/48' })

/** The default route of a VPN. */
const OUT: Ipv6Route = {
  destination: '::/0',
  type: 'unicast',
  table: '100',
  link: 'tun0',
  metric: 1024,
  text: 'default dev tun0 table 100 metric 1024 pref medium',
}

/** h1 with a rule before those of the kernel. */
function ruled(rule: Partial<PolicyRule>, cluster: ClusterSnapshot = vxlan): ClusterSnapshot {
  const whole = { priority: 100, from: 'all', table: '100', other: [], ...rule }
  return withHost(cluster, 'h1', ({ ipv6 }) => ({
    ipv6: { ...ipv6, routes: [...ipv6.routes, OUT], rules: [whole, ...ipv6.rules] },
  }))
}

/** h1 with rules of table mangle as ip6tables saves them, and the rule of a mark that leads to the VPN. */
function marked(chain: string, rule: string): ClusterSnapshot {
  const text = `*mangle\n:${chain} ACCEPT [0:0]\n[5:9] -A ${chain} ${rule}\nCOMMIT\n`
  return withHost(ruled({ other: ['fwmark 0x1'] }), 'h1', () => ({ ip6tables: parsedValue(ip6tables, text) }))
}

const DIVERTED = ['h1 diverting rule 100']

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => ipv6Cluster('host-gw') },
    { name: 'another destination', cluster: () => ruled({ to: '2001:db8:9::/48' }) },
    { name: 'another source', cluster: () => ruled({ from: '2001:db8::1' }) },
    { name: 'a mark that nothing has', cluster: () => ruled({ other: ['fwmark 0x80000/0xff0000'] }) },
    {
      name: 'a mark of other destinations',
      cluster: () => marked('PREROUTING', '-d 2001:db8::/32 -j MARK --set-xmark 0x1/0xffffffff'),
    },
    { name: 'a table without a route', cluster: () => ruled({ table: '101' }) },
    { name: 'all but the default route', cluster: () => ruled({ other: ['suppress_prefixlength 0'] }) },
    {
      name: 'a kernel without policy rules',
      cluster: () => withHost(vxlan, 'h1', ({ ipv6 }) => ({ ipv6: { ...ipv6, rules: [] } })),
    },
  ],
  fails: [
    { name: 'the network', cluster: () => ruled({ to: 'fd00:5::/48' }), findings: DIVERTED },
    {
      name: 'a mark that the packet filter gives to what comes in',
      cluster: () => marked('PREROUTING', '-d fd00:5:0:2::/64 -j MARK --set-xmark 0x1/0xffffffff'),
      findings: DIVERTED,
    },
    {
      name: 'a mark of what the host sends',
      cluster: () => marked('OUTPUT', '-d fd00:5:0:3::/64 -j MARK --set-xmark 0x1/0xffffffff'),
      findings: DIVERTED,
    },
    { name: 'everything', cluster: () => ruled({}), findings: DIVERTED },
    {
      name: 'one peer, refused',
      cluster: () =>
        withHost(ruled({ to: 'fd00:5:0:3::/64', other: ['prohibit'] }), 'h1', ({ ipv6 }) => ({
          ipv6: {
            ...ipv6,
            rules: ipv6.rules.map(({ table, ...rule }) =>
              rule.priority === 100 ? rule : { ...rule, table: table ?? '' },
            ),
          },
        })),
      findings: DIVERTED,
    },
    {
      name: 'what the containers send',
      cluster: () => ruled({ from: 'fd00:5:0:1::/64' }),
      findings: DIVERTED,
    },
    {
      name: 'what comes in by the tunnel',
      cluster: () => ruled({ other: ['iif flannel-v6.1'] }),
      findings: DIVERTED,
    },
    {
      name: 'host-gw',
      cluster: () => ruled({ to: 'fd00:5:0:2::/64' }, ipv6Cluster('host-gw')),
      findings: DIVERTED,
    },
  ],
})

test('the command asks main for the whole network, before the rule', (t) => {
  const [fix] = judgedBy(check, ruled({})).flatMap(({ findings }) => findings.flatMap(({ fixes }) => fixes))
  t.is(fix?.command, 'ip -6 rule add to fd00:5::/48 lookup main priority 99')
})

test('a rule that is not followed leaves it open', (t) => {
  const results = judgedBy(check, ruled({ other: ['somewhat 7'] })).filter(({ host }) => host === 'h1')
  t.deepEqual(
    results.map(({ outcome }) => outcome),
    ['inconclusive'],
  )
})

test('a mark that rules give which were not read leaves it open', (t) => {
  const cluster = withoutFact(ruled({ other: ['fwmark 0x1'] }), 'h1', {
    name: 'ip6tables',
    why: 'not-permitted',
    detail: 'Permission denied',
  })
  t.like(judgedBy(check, cluster)[0], { outcome: 'inconclusive' })
})
