import test from 'ava'
import { parseAddress } from '../../model/address.ts'
import type { PolicyRule } from '../../model/route.ts'
import { route } from '../../model/route-for-tests.ts'
import { routeText } from '../text/route-text.ts'
import { indexRoutes } from './route-lookup.ts'
import { type Flow, lookupFlow, ruleText } from './rules-lookup.ts'

const ROUTES = [
  route('0.0.0.0/0', { link: 'eth0', gateway: 0xac14fffe }),
  route('10.2.0.0/16', { link: 'flannel.1' }),
  route('10.2.7.0/24', { link: 'eth7', table: '100' }),
  route('10.2.7.0/24', { link: 'lo', table: '101', type: 'throw' }),
  route('10.2.9.1/32', { link: 'lo', table: 'local', type: 'local' }),
]
const USUAL: readonly PolicyRule[] = [
  { priority: 0, from: 'all', table: 'local', other: [] },
  { priority: 32_766, from: 'all', table: 'main', other: [] },
  { priority: 32_767, from: 'all', table: 'default', other: [] },
]
const FLOW: Flow = {
  source: parseAddress('10.2.1.2') as number,
  destination: parseAddress('10.2.7.2') as number,
  inLink: 'docker0',
  mark: 0,
}

/** The rule stands before main and leads to table 100 unless told otherwise. */
function answer(rule: Partial<PolicyRule>, flow: Partial<Flow> = {}): string {
  const added = { priority: 100, from: 'all', table: '100', other: [], ...rule }
  const found = lookupFlow([...USUAL, added], indexRoutes(ROUTES), { ...FLOW, ...flow })
  if (found.kind === 'route') return routeText(found.route)
  return found.kind === 'refused' ? found.action : found.kind
}

const MAIN = '10.2.0.0/16 dev flannel.1'
const OTHER = '10.2.7.0/24 dev eth7 table 100'
const CASES: readonly (readonly [
  words: string,
  rule: Partial<PolicyRule>,
  is: string,
  flow?: Partial<Flow>,
])[] = [
  ['every packet', {}, OTHER],
  ['a source', { from: '10.2.1.0/24' }, OTHER],
  ['another source', { from: '10.2.3.0/24' }, MAIN],
  ['a destination', { to: '10.2.7.0/24' }, OTHER],
  ['another destination', { to: '10.2.8.0/24' }, MAIN],
  ['the link', { other: ['iif docker0'] }, OTHER],
  ['another link', { other: ['iif eth0'] }, MAIN],
  ['the host itself, which the packet does not come from', { other: ['iif lo'] }, MAIN],
  ['an outgoing link', { other: ['oif eth7'] }, MAIN],
  ['no mark', { other: ['fwmark 0x0/0x1'] }, OTHER],
  ['a mark', { other: ['fwmark 0x4000/0x4000'] }, MAIN],
  ['the mark it has', { other: ['fwmark 0x4000/0x4000'] }, OTHER, { mark: 0x14000 }],
  ['a mark that is not known', { other: ['fwmark 0x4000/0x4000'] }, 'unknown', { mark: 'unknown' }],
  ['not a source', { from: '10.2.3.0/24', other: ['not'] }, OTHER],
  ['something that cannot be followed', { other: ['ipproto udp'] }, 'unknown'],
  ['something that cannot be followed, without a route', { other: ['ipproto udp'], table: '102' }, MAIN],
  ['a table without the route', { table: '102' }, MAIN],
  ['a table that throws', { table: '101' }, MAIN],
  ['a short prefix suppressed', { table: '254', other: ['suppress_prefixlength 16'] }, MAIN],
  ['all but the default route', { table: '254', other: ['suppress_prefixlength 0'] }, MAIN],
  ['refused', { table: undefined as never, other: ['prohibit'] }, 'prohibit'],
  ['jumped over', { priority: 50, table: undefined as never, other: ['goto 40000'] }, 'none'],
  ['an own address before every rule', {}, 'local 10.2.9.1/32 dev lo', { destination: 0x0a020901 }],
]

for (const [words, rule, is, flow] of CASES) {
  test(`a rule for ${words}: ${is}`, (t) => {
    t.is(answer(rule, flow), is)
  })
}

test('a packet without a source yet matches only rules for all', (t) => {
  const { source: _, ...unsent } = FLOW
  const rules = [...USUAL, { priority: 100, from: '10.2.1.0/24', table: '100', other: [] }]
  const found = lookupFlow(rules, indexRoutes(ROUTES), unsent)
  t.is(found.kind === 'route' && found.route.link, 'flannel.1')
})

test('several next hops of one route: the kernel’s hash decides, not we', (t) => {
  const hops = [1, 2].map((gateway) => route('10.2.7.0/24', { link: 'eth0', gateway, isBalanced: true }))
  t.is(lookupFlow(USUAL, indexRoutes(hops), FLOW).kind, 'unknown')
})

test('a rule in the words of iproute2', (t) => {
  const rule = { priority: 100, from: '10.2.1.0/24', to: '10.2.7.0/24', table: '100', other: ['iif docker0'] }
  t.is(ruleText(rule), '100: from 10.2.1.0/24 to 10.2.7.0/24 iif docker0 lookup 100')
})
