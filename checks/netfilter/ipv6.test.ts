import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { nftables } from '../../runners/collect/facts/nftables.ts'
import { parsedValue } from '../../runners/collect/saved/recorded-section.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6.ts'

const vxlan = ipv6Cluster('vxlan')

interface Chain {
  readonly name: string
  readonly hook?: string
  readonly policy?: string
  readonly rules?: readonly (readonly object[])[]
}

/** A cluster whose h1 has these chains, as `nft -j` prints them. */
function filtered(cluster: ClusterSnapshot, chains: readonly Chain[], family = 'ip6'): ClusterSnapshot {
  const table = 'filter'
  const items = chains.flatMap(({ name, hook, policy = 'accept', rules = [] }, at) => [
    { chain: { family, table, name, handle: at, ...(hook && { type: 'filter', hook, prio: 0, policy }) } },
    ...rules.map((expr, row) => ({ rule: { family, table, chain: name, handle: at * 10 + row + 1, expr } })),
  ])
  const text = JSON.stringify({ nftables: [{ table: { family, name: table, handle: 1 } }, ...items] })
  return withHost(cluster, 'h1', () => ({ nftables: parsedValue(nftables, text) }))
}

const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } })
const meta = (key: string, right: unknown) => match({ meta: { key } }, right)
const field = (protocol: string, name: string, right: unknown) =>
  match({ payload: { protocol, field: name } }, right)
const DROP = { drop: null }
const ACCEPT = { accept: null }
const REJECT = { xt: { type: 'target', name: 'REJECT' } }
const COMMENT = { xt: { type: 'match', name: 'comment' } }
const NETWORK = { prefix: { addr: 'fd00:5::', len: 48 } }

/** flannel's own: a jump to accepts of the network. */
const FLANNEL: Chain = { name: 'FLANNEL-FWD', rules: [[field('ip6', 'saddr', NETWORK), COMMENT, ACCEPT]] }
const JUMP = [COMMENT, { counter: { packets: 7, bytes: 9 } }, { jump: { target: 'FLANNEL-FWD' } }]
const forward = (rules: readonly (readonly object[])[], policy?: string): readonly Chain[] => [
  { name: 'FORWARD', hook: 'forward', rules, ...present({ policy }) },
  FLANNEL,
]
const input = (rules: readonly (readonly object[])[]): readonly Chain[] => [
  { name: 'INPUT', hook: 'input', rules },
]

testCheck(test, check, {
  passes: [
    { name: 'no rules', cluster: () => vxlan },
    { name: 'flannel accepts before the policy', cluster: () => filtered(vxlan, forward([JUMP], 'drop')) },
    { name: 'another link', cluster: () => filtered(vxlan, forward([[meta('iifname', 'eth9'), DROP]])) },
    {
      name: 'TCP, IPv4 and known connections',
      cluster: () =>
        filtered(
          vxlan,
          forward([
            [field('tcp', 'dport', 80), DROP],
            [field('ip', 'saddr', '10.2.0.0'), DROP],
            [match({ ct: { key: 'state' } }, ['invalid'], 'in'), DROP],
          ]),
          'inet',
        ),
    },
    {
      name: 'a match that is not read may have accepted before',
      cluster: () => filtered(vxlan, forward([[{ xt: { type: 'match', name: 'set' } }, ACCEPT], [DROP]])),
    },
    { name: 'another port', cluster: () => filtered(vxlan, input([[field('udp', 'dport', 53), DROP]])) },
  ],
  fails: [
    {
      name: 'the policy, and flannel has no accepts',
      cluster: () => filtered(vxlan, forward([], 'drop')),
      findings: ['h1 forward-dropped chain ip6 filter FORWARD'],
    },
    {
      name: 'a rule before those of flannel, of both directions once',
      cluster: () => filtered(vxlan, forward([[REJECT], JUMP])),
      findings: ['h1 forward-dropped rule ip6 filter FORWARD handle 1'],
    },
    {
      name: 'host-gw, by what goes out alone',
      cluster: () => filtered(ipv6Cluster('host-gw'), forward([[meta('iifname', 'docker0'), DROP]])),
      findings: ['h1 forward-dropped rule ip6 filter FORWARD handle 1'],
    },
    {
      name: 'the port of the tunnel, from one peer',
      cluster: () =>
        filtered(
          vxlan,
          input([[field('ip6', 'saddr', '2001:db8::2'), field('udp', 'dport', 8472), DROP]]),
          'inet',
        ),
      findings: ['h1 tunnel-dropped rule inet filter INPUT handle 1'],
    },
  ],
})
