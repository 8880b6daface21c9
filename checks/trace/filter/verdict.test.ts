import test from 'ava'
import { parseIptablesSave } from '../../../runners/collect/facts/iptables-save.ts'
import { recordedCluster } from '../../../runners/run/saved/saved-cluster.ts'
import { parseAddress } from '../../model/address.ts'
import type { Nftables } from '../../model/netfilter.ts'
import { hostFilters } from './host-filters.ts'
import { iptablesTables } from './iptables.ts'
import { translationOf } from './nat.ts'
import { nftTables } from './nftables.ts'
import type { Packet } from './packet.ts'
import { verdictAt } from './verdict.ts'
import { forwardVerdict, inputVerdict } from './verdicts-for-tests.ts'

const packet: Packet = {
  source: parseAddress('10.2.29.2') as number,
  destination: parseAddress('10.2.46.2') as number,
  protocol: 'tcp',
  sourcePort: 50_001,
  destinationPort: 50_002,
  inLink: 'flannel.1',
  outLink: 'docker0',
  state: 'NEW',
  localAddresses: new Set([parseAddress('10.2.46.1') as number]),
}

function filterTable(...lines: readonly string[]) {
  return iptablesTables(parseIptablesSave(['*filter', ...lines, 'COMMIT'].join('\n')))
}

function nft(...expressions: readonly (readonly unknown[])[]): Nftables {
  const place = { family: 'inet', table: 'fw' }
  return {
    tables: [{ family: 'inet', name: 'fw' }],
    chains: [{ ...place, name: 'forward', type: 'filter', hook: 'forward', priority: 0, policy: 'accept' }],
    rules: expressions.map((list, handle) => ({ ...place, chain: 'forward', handle, expressions: list })),
    sets: [],
  }
}

test('a rule that cannot be followed decides: unknown, and the rule is named', (t) => {
  const tables = filterTable(
    ':FORWARD ACCEPT [0:0]',
    '-A FORWARD -m set --match-set blocked src -j DROP',
    '-A FORWARD -j ACCEPT',
  )
  const { verdict, by } = forwardVerdict(tables, packet)
  t.is(verdict, 'unknown')
  t.is(by, '-A FORWARD -m set --match-set blocked src -j DROP')
})

test('before conntrack no rule about a connection matches, not even a negated one', (t) => {
  const lines = ['-m connmark --mark 0x0', '-m connmark ! --mark 0x5', '-m conntrack ! --ctdir REPLY']
  const saved = lines.map((match) => `-A PREROUTING ${match} -j DROP`)
  const tables = iptablesTables(
    parseIptablesSave(['*raw', ':PREROUTING ACCEPT [0:0]', ...saved, 'COMMIT'].join('\n')),
  )
  t.is(verdictAt(tables, 'prerouting', { packet, mark: 0 }).verdict, 'accept')
})

for (const [name, lines, verdict] of [
  ['the policy drops anyway', [':FORWARD DROP [3:9]', '-A FORWARD -m set --match-set a src -j DROP'], 'drop'],
  ['it only logs', [':FORWARD ACCEPT [0:0]', '-A FORWARD -m statistic --mode random -j LOG'], 'accept'],
  [
    'another match of it fails',
    [':FORWARD ACCEPT [0:0]', '-A FORWARD -i eth9 -m set --match-set a src -j DROP'],
    'accept',
  ],
  [
    'its chain comes back without a verdict',
    [
      ':FORWARD ACCEPT [0:0]',
      ':A - [0:0]',
      '-A FORWARD -m set --match-set a src -j A',
      '-A A -p udp -j DROP',
    ],
    'accept',
  ],
  [
    'it may return early to a drop',
    [
      ':FORWARD DROP [0:0]',
      ':A - [0:0]',
      '-A FORWARD -j A',
      '-A A -m set --match-set a src -j RETURN',
      '-A A -j ACCEPT',
    ],
    'unknown',
  ],
  [
    'it looks for letters',
    [':FORWARD ACCEPT [0:0]', '-A FORWARD -m string --string "GET /x" --algo bm -j DROP'],
    'accept',
  ],
  [
    'it looks for bytes',
    [':FORWARD ACCEPT [0:0]', '-A FORWARD -m string --hex-string "|0a|" --algo bm -j DROP'],
    'unknown',
  ],
  ['a program decides', [':FORWARD ACCEPT [0:0]', '-A FORWARD -j NFQUEUE --queue-num 1'], 'unknown'],
] as const) {
  test(`an unreadable rule when ${name}: ${verdict}`, (t) => {
    t.is(forwardVerdict(filterTable(...lines), packet).verdict, verdict)
  })
}

test('a certain drop behind a doubtful base chain is certain', (t) => {
  const doubtful = filterTable(':FORWARD ACCEPT [0:0]', '-A FORWARD -m set --match-set a src -j DROP')
  const native = nftTables(
    nft([{ match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'flannel.1' } }, { drop: null }]),
    new Set(),
  )
  const { verdict, world, by } = forwardVerdict([...doubtful, ...native], packet)
  t.is(verdict, 'drop')
  t.is(world, 'nft')
  t.is(by, 'iifname flannel.1 drop')
})

test('a policy is named with its counter', (t) => {
  const { byPolicy, by, packets, chain } = forwardVerdict(filterTable(':FORWARD DROP [12:1008]'), packet)
  t.deepEqual(
    { byPolicy, by, packets, chain },
    { byPolicy: true, by: 'policy DROP', packets: 12, chain: 'filter/FORWARD' },
  )
})

test('statements of nft that are not followed make the rule doubtful', (t) => {
  for (const statement of [
    { quota: {} },
    { 'ct count': { val: 5 } },
    { match: { op: '==', left: { rt: {} }, right: 1 } },
    7,
  ]) {
    t.is(forwardVerdict(nftTables(nft([statement, { drop: null }]), new Set()), packet).verdict, 'unknown')
  }
})

test('a frame that is sent out of another link as it is, is lost; one sent to a next hop may arrive', (t) => {
  const verdictOf = (fwd: object) => forwardVerdict(nftTables(nft([{ fwd }]), new Set()), packet).verdict
  t.is(verdictOf({ dev: 'lo' }), 'drop')
  t.is(verdictOf({ dev: 'docker0', family: 'ip', addr: '10.2.1.2' }), 'unknown')
})

test('an unknown named set is doubtful, an unknown chain is passed over', (t) => {
  const inSet = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '@gone' } }
  t.is(forwardVerdict(nftTables(nft([inSet, { drop: null }]), new Set()), packet).verdict, 'unknown')
  t.is(forwardVerdict(nftTables(nft([{ jump: { target: 'gone' } }]), new Set()), packet).verdict, 'accept')
})

test('chains that jump in a circle end in doubt, not in a hang', (t) => {
  const tables = filterTable(
    ':FORWARD ACCEPT [0:0]',
    ':A - [0:0]',
    '-A FORWARD -j A',
    '-A A -j A',
    '-A A -j A',
  )
  t.is(forwardVerdict(tables, packet).verdict, 'unknown')
})

test('tables that iptables prints are not counted again as nft', async (t) => {
  const { tables } = hostFilters(await recordedCluster('v0.10.0-vxlan-docker'), 'h1')
  t.deepEqual(tables.map(({ world, name }) => `${world} ${name}`).sort(), [
    'iptables-nft filter',
    'iptables-nft nat',
  ])
})

test('real Docker and flannel rules: the way in is open, an input drop is seen', async (t) => {
  const { tables } = hostFilters(await recordedCluster('v0.10.0-vxlan-docker'), 'h1')
  t.is(forwardVerdict(tables, packet).verdict, 'accept')
  const closed = filterTable(':INPUT ACCEPT [0:0]', '-A INPUT -p udp -m udp --dport 8472 -j DROP')
  t.is(
    inputVerdict([...tables, ...closed], { ...packet, protocol: 'udp', destinationPort: 8472 }).verdict,
    'drop',
  )
})

test('recorded masquerade: out of the network translated, inside not', async (t) => {
  const { tables } = hostFilters(await recordedCluster('v0.10.0-vxlan'), 'h1')
  t.is(translationOf(tables, packet).translated, false)
  const outside = parseAddress('203.0.113.1') as number
  t.is(translationOf(tables, { ...packet, destination: outside }).translated, true)
})
