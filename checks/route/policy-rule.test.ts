import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { parseIptablesSave } from '../../runners/collect/facts/iptables-save.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { PolicyRule, Route } from '../model/route.ts'
import { route } from '../model/route-for-tests.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './policy-rule.ts'

function rule(priority: number, rest: Partial<PolicyRule>): PolicyRule {
  return { priority, from: 'all', table: '100', other: [], ...rest }
}

/** A route of a table that rules lead to. */
function ruled(destination: string, named: Partial<Route> = {}): Route {
  return route(destination, { table: '100', link: 'eth0', ...named })
}

const DEFAULT = ruled('0.0.0.0/0', { gateway: 0xac14fffe })

function withRules(rules: readonly PolicyRule[], routes: readonly Route[] = [DEFAULT]): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 3, backend: 'vxlan' }), 'h1', (facts) => ({
    rules: [...facts.rules, ...rules],
    routes: [...facts.routes, ...routes],
  }))
}

/** With what comes in for the network marked by iptables. */
function marked(cluster: ClusterSnapshot): ClusterSnapshot {
  const text =
    '*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.2.0.0/16 -j MARK --set-xmark 0xca6c/0xffffffff\nCOMMIT\n'
  return withHost(cluster, 'h1', ({ iptables }) => {
    const { chains, rules } = parseIptablesSave(text)
    return {
      iptables: {
        ...iptables,
        chains: [...iptables.chains, ...chains],
        rules: [...iptables.rules, ...rules],
      },
    }
  })
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: `no rule added, ${backend}`,
      cluster: () => buildCluster({ hosts: 3, backend }),
    })),
    {
      name: 'a rule for the address of the host',
      cluster: () => withRules([rule(100, { from: '172.20.0.1/32' })]),
    },
    { name: 'a rule behind main', cluster: () => withRules([rule(32_800, {})]) },
    { name: 'a rule for marked packets', cluster: () => withRules([rule(100, { other: ['fwmark 0x1'] })]) },
    { name: 'a rule whose table has no route', cluster: () => withRules([rule(100, {})], []) },
    { name: 'a rule for another link', cluster: () => withRules([rule(100, { other: ['iif tun0'] })]) },
    {
      name: 'everything without the mark, which the packet filter gives to containers',
      cluster: () => marked(withRules([rule(100, { other: ['not', 'fwmark 0xca6c'] })])),
    },
    {
      name: 'wg-quick, which lets main go first',
      cluster: () =>
        withRules([
          rule(32_764, { table: 'main', other: ['suppress_prefixlength 0'] }),
          rule(32_765, { other: ['not', 'fwmark 0xca6c'] }),
        ]),
    },
    {
      name: 'the rule for main gone, another table has the routes',
      cluster: () => {
        const built = buildCluster({ hosts: 3, backend: 'vxlan' })
        return withHost(built, 'h1', ({ rules, routes }) => ({
          rules: [...rules.filter(({ table }) => table !== 'main'), rule(100, {})],
          routes: [
            ...routes,
            ...routes.map((one) => (one.table === 'main' ? { ...one, table: '100' } : one)),
          ],
        }))
      },
    },
    {
      name: 'the rule for local behind the others, as VRFs want it',
      cluster: () =>
        withHost(withRules([rule(32_765, { table: 'local' })], []), 'h1', ({ rules }) => ({
          rules: rules.filter(({ priority }) => priority !== 0),
        })),
    },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
    { name: 'recorded v0.28.9', cluster: () => recordedCluster('v0.28.9-udp') },
  ],
  fails: [
    ...(['main', 'local'] as const).map((gone) => ({
      name: `missing: the rule for table ${gone}`,
      cluster: () =>
        withHost(withRules([], []), 'h1', ({ rules }) => ({
          rules: rules.filter(({ table }) => table !== gone),
        })),
      findings: [`h1 missing rule ${gone === 'main' ? 32_766 : 0}`],
    })),
    {
      name: 'missing: the rule for table local stands behind that for main',
      cluster: () =>
        withHost(withRules([rule(40_000, { table: 'local' })], []), 'h1', ({ rules }) => ({
          rules: rules.filter(({ priority }) => priority !== 0),
        })),
      findings: ['h1 missing rule 0'],
    },
    {
      name: 'diverting: by the source network',
      cluster: () => withRules([rule(100, { from: '10.2.0.0/16' })]),
      findings: ['h1 diverting rule 100'],
    },
    {
      name: 'diverting: everything with a mark that the packet filter gives to containers',
      cluster: () => marked(withRules([rule(100, { other: ['fwmark 0xca6c'] })])),
      findings: ['h1 diverting rule 100'],
    },
    {
      name: 'diverting: everything without the mark',
      cluster: () => withRules([rule(32_765, { other: ['not', 'fwmark 0xca6c'] })]),
      findings: ['h1 diverting rule 32765'],
    },
    {
      name: 'diverting: what comes in for containers',
      cluster: () => withRules([rule(50, { to: '10.2.1.0/24', other: ['iif flannel.1'] })]),
      findings: ['h1 diverting rule 50'],
    },
    {
      name: 'diverting: refused by the rule itself',
      cluster: () =>
        withHost(buildCluster({ hosts: 2, backend: 'host-gw' }), 'h1', ({ rules }) => ({
          rules: [{ priority: 7, from: '10.2.1.0/24', other: ['prohibit'] }, ...rules],
        })),
      findings: ['h1 diverting rule 7'],
    },
    {
      name: 'diverting: a blackhole in the table',
      cluster: () =>
        withRules([rule(100, { from: '10.2.1.2/32' })], [ruled('10.2.0.0/16', { type: 'blackhole' })]),
      findings: ['h1 diverting rule 100'],
    },
  ],
})

test('a rule with a selector that is not followed is not judged', (t) => {
  const cluster = withRules([rule(100, { other: ['suppress_ifgroup 3'] })])
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'inconclusive')
})

test('the rule that heals stands before those that jump over it; one that refuses everything is deleted', (t) => {
  const healed = (...rules: Parameters<typeof withRules>[0]) => {
    const cluster = withRules(rules)
    const [result] = evaluate(cluster, [check], cluster.window.to)
    return result?.findings[0]?.fixes.map(({ command }) => command)
  }
  const refusing = rule(30_000, { table: undefined as never, other: ['prohibit'] })
  t.deepEqual(
    healed(rule(10, { table: undefined as never, other: ['iif docker0', 'goto 500'] }), rule(500, {})),
    ['ip rule add to 10.2.0.0/16 lookup main priority 9'],
  )
  t.deepEqual(healed(refusing), ['ip rule del priority 30000'])
})
