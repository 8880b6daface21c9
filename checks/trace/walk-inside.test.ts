/** Packets that end inside a container's own network, one fault each. */
import test from 'ava'
import { withNetwork } from '../../fixtures/containers-for-tests.ts'
import { both, type Edit, FIRST, SECOND, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import type { ContainerNetwork } from '../model/container-bridge.ts'
import type { NftRule } from '../model/netfilter.ts'
import type { Route } from '../model/route.ts'
import { C1, C2, endOf, PLAIN, testCases } from './walk/cases-for-tests.ts'
import { walkPing } from './walk.ts'

type Change = (network: ContainerNetwork) => Partial<ContainerNetwork>
const inside =
  (host: string, edit: Change): Edit =>
  (cluster) =>
    withNetwork(cluster, host, edit)

const route = (parts: Partial<Route>): Change => {
  const added = { type: 'unicast', table: 'main', metric: 0, flags: [], link: 'eth0' } as const
  const destination = { address: SECOND, length: 32 }
  return ({ routes }) => ({ routes: [{ ...added, destination, ...parts }, ...routes] })
}

const sysctl =
  (name: string, value: string): Change =>
  ({ sysctls }) => ({ sysctls: new Map([...sysctls, [name, value]]) })

const isIcmp = {
  match: { op: '==', left: { payload: { protocol: 'ip', field: 'protocol' } }, right: 'icmp' },
}

/** A table of nft with one rule at a hook. */
const nft = (hook: string, verdict: unknown): Change => {
  const place = { family: 'inet', table: 'own' }
  const rule: NftRule = { ...place, chain: 'base', handle: 3, expressions: [isIcmp, verdict] }
  const chain = { ...place, name: 'base', type: 'filter', hook, priority: 0, policy: 'accept' }
  const tables = [{ family: 'inet', name: 'own' }]
  return () => ({ nftables: { tables, chains: [chain], rules: [rule], sets: [] } })
}

const saved = (chain: string, words: string): Change => {
  const text = `-A ${chain} ${words}`
  const chains = [{ table: 'filter', name: chain, policy: 'ACCEPT' }]
  const rule = { table: 'filter', chain, text, words: text.split(' ') }
  return () => ({ iptables: { variant: 'nf_tables', chains, rules: [rule] } })
}

testCases(test, VXLAN, [
  { name: 'nothing wrong', edit: inside('h1', () => ({})), ends: 'delivered' },
  { name: 'nothing wrong behind', edit: inside('h2', () => ({})), ends: 'delivered' },
  {
    name: 'inside, no default route',
    edit: inside('h1', ({ routes }) => ({ routes: routes.slice(1) })),
    ends: 'no-route at source of h1',
  },
  {
    name: 'a route that refuses',
    edit: inside('h1', route({ type: 'unreachable' })),
    ends: 'no-route at source of h1',
  },
  {
    name: 'a route with a time to live for the first router only',
    edit: inside('h1', route({ gateway: FIRST - 1, hopLimit: 1 })),
    ends: 'expired at forward of h1',
  },
  {
    name: 'a kernel with a time to live for the first router only',
    edit: inside('h1', sysctl('net.ipv4.ip_default_ttl', '1')),
    ends: 'expired at forward of h1',
  },
  {
    name: 'a route with a time to live that lasts',
    edit: inside('h1', route({ gateway: FIRST - 1, hopLimit: 3 })),
    ends: 'delivered',
  },
  {
    name: 'a policy rule that refuses',
    edit: inside('h1', ({ rules }) => ({
      rules: [{ priority: 9, from: 'all', other: ['prohibit'] }, ...rules],
    })),
    ends: 'no-route at source of h1',
  },
  {
    name: 'a policy rule that refuses its own address',
    edit: inside('h1', ({ rules }) => ({
      rules: [{ priority: 9, from: '10.2.1.2', other: ['prohibit'] }, ...rules],
    })),
    ends: 'no-route at source of h1',
  },
  {
    name: 'the target is its own address too',
    edit: inside('h1', route({ type: 'local', table: 'local' })),
    ends: 'captured at source of h1',
  },
  {
    name: 'a route by a gateway that nobody has',
    edit: inside('h1', route({ gateway: FIRST + 200 })),
    ends: 'no-neighbour at source of h1',
  },
  {
    name: 'a route of a smaller MTU',
    edit: inside('h1', route({ gateway: FIRST - 1, mtu: 1000 })),
    size: 1400,
    ends: 'too-big at source of h1',
  },
  {
    name: 'a link that is not followed',
    edit: inside('h1', route({ link: 'tun0' })),
    ends: 'not-enough-facts at source of h1',
  },
  {
    name: 'an entry of another MAC for the gateway',
    edit: inside('h1', () => ({
      neighbours: [{ address: '10.2.1.1', link: 'eth0', mac: '02:00:00:00:00:99', states: ['PERMANENT'] }],
    })),
    ends: 'wrong-neighbour at source of h1',
  },
  {
    name: 'its own rule for what it sends',
    edit: inside('h1', nft('output', { drop: null })),
    ends: 'filtered at source of h1',
  },
  {
    name: 'its own rule for what it gets',
    edit: inside('h2', nft('input', { drop: null })),
    ends: 'filtered at target of h2',
  },
  {
    name: 'a rule of iptables',
    edit: inside('h2', saved('INPUT', '-p icmp -j DROP')),
    ends: 'filtered at target of h2',
  },
  {
    name: 'rules that were not read',
    edit: inside('h2', () => ({ unread: 'nft could not list the rules' })),
    ends: 'not-enough-facts at target of h2',
  },
  {
    name: 'no time to look inside',
    edit: inside('h1', () => ({ rules: [], unread: 'there was no time' })),
    ends: 'not-enough-facts at source of h1',
  },
  {
    name: 'strict reverse path and no way back',
    edit: inside('h2', (network) => ({
      ...sysctl('net.ipv4.conf.eth0.rp_filter', '1')(network),
      routes: network.routes.slice(1),
    })),
    ends: 'reverse-path at target of h2',
  },
  {
    name: 'it answers no ping',
    edit: inside('h2', sysctl('net.ipv4.icmp_echo_ignore_all', '1')),
    direction: 'reply',
    ends: 'no-answer at source of h2',
  },
  {
    name: 'a rule for its answers',
    edit: inside('h2', saved('OUTPUT', '-p icmp -m icmp --icmp-type 0 -j DROP')),
    direction: 'reply',
    ends: 'filtered at source of h2',
  },
  {
    name: 'a rule for the answers it gets',
    edit: inside('h1', saved('INPUT', '-m conntrack --ctstate ESTABLISHED -j DROP')),
    direction: 'reply',
    ends: 'filtered at target of h1',
  },
])

test('what was not looked into is walked by its gateway', (t) => {
  const { reply } = walkPing(both()(VXLAN), { from: C1, to: C2 }, PLAIN)
  t.is(reply && endOf(reply), 'delivered')
})

test('the proof and what heals it are typed inside', (t) => {
  const { request } = walkPing(inside('h2', nft('input', { drop: null }))(VXLAN), { from: C1, to: C2 }, PLAIN)
  const hop = request.hops.at(-1)
  t.is(hop?.used[0]?.source.command, 'nsenter --net=/run/netns/h2c1 nft -a list ruleset')
  t.is(hop?.rule?.handle, 3)
})
