import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import {
  nativeTable,
  withEditedRules,
  withLegacyRules,
  withRules,
} from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { Link } from '../model/link.ts'
import { testCheck } from '../tester.ts'
import { check } from './forward.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const hostGw = buildCluster({ hosts: 3, backend: 'host-gw' })
const ACCEPTS = ['-A FORWARD -s 10.2.0.0/16 -j ACCEPT', '-A FORWARD -d 10.2.0.0/16 -j ACCEPT']
const DOCKER = [
  '*filter',
  ':FORWARD DROP [7:588]',
  '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
  '-A FORWARD -i docker0 -o docker0 -j ACCEPT',
]
const network = vxlan.datastore.config.known ? vxlan.datastore.config.value.network : undefined
const isBridge = ({ name, master }: Link): boolean => name === 'docker0' || master === 'docker0'

test('the built network is the one the rules of this test name', (t) => {
  t.deepEqual(network, { address: 0x0a020000, length: 16 })
})

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => hostGw },
    { name: 'udp', cluster: () => buildCluster({ hosts: 3, backend: 'udp' }) },
    { name: 'one host alone', cluster: () => buildCluster({ hosts: 1, backend: 'vxlan' }) },
    { name: 'real dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
    { name: 'v0.6.2', cluster: () => recordedCluster('v0.6.2-udp') },
    {
      name: 'policy DROP behind the accepts of flannel',
      cluster: () => withRules(vxlan, ...DOCKER, ...ACCEPTS, 'COMMIT'),
    },
    {
      name: 'policy DROP, nftables mode, accepts in both worlds',
      cluster: () =>
        withHost(withRules(vxlan, ...DOCKER, ...ACCEPTS, 'COMMIT'), 'h1', () => ({
          nftables: nativeTable('flannel-ipv4', { family: 'ip', hook: 'forward', policy: 'accept' }),
        })),
    },
    {
      name: 'policy DROP on a host without a container bridge',
      cluster: () =>
        withHost(withRules(vxlan, ...DOCKER, 'COMMIT'), 'h1', ({ links }) => ({
          links: links.filter((link) => !isBridge(link)),
        })),
    },
    {
      name: 'one container closed by a rule of its own',
      cluster: () => withEditedRules(vxlan, ({ rules }) => ({ rules: [drop('-d 10.2.1.2/32'), ...rules] })),
    },
    {
      name: 'a mark that prerouting gives is what the chain accepts',
      cluster: () =>
        withRules(
          vxlan,
          '*mangle',
          ':PREROUTING ACCEPT [0:0]',
          '-A PREROUTING -i flannel.1 -j MARK --set-xmark 0x7/0xffffffff',
          '-A PREROUTING -i docker0 -j MARK --set-xmark 0x7/0xffffffff',
          'COMMIT',
          '*filter',
          ':FORWARD DROP [0:0]',
          '-A FORWARD -m mark --mark 0x7 -j ACCEPT',
          'COMMIT',
        ),
    },
    {
      name: 'policy DROP, the containers that are there each accepted',
      cluster: () =>
        withRules(
          vxlan,
          '*filter',
          ':FORWARD DROP [0:0]',
          '-A FORWARD -d 10.2.1.2/32 -j ACCEPT',
          '-A FORWARD -s 10.2.1.2/32 -j ACCEPT',
          'COMMIT',
        ),
    },
    {
      name: 'no nft tool',
      cluster: () => withoutFact(vxlan, 'h1', { name: 'nftables', why: 'not-installed' }),
    },
  ],
  fails: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: `drop-policy: ${backend}, one host alone`,
      cluster: () => withRules(buildCluster({ hosts: 1, backend }), ...DOCKER, 'COMMIT'),
      findings: ['h1 drop-policy chain iptables-nft filter/FORWARD'],
    })),
    {
      name: 'drop-rule: one host alone, other rules name the first subnets',
      cluster: () => {
        const own = ['0', '1', '2'].map((number) => drop(`-s 10.2.${number}.0/24 -d 192.0.2.1`))
        const first = buildCluster({ hosts: 1, backend: 'vxlan' })
        return withEditedRules(first, ({ rules }) => ({ rules: [...own, drop('-o docker0'), ...rules] }))
      },
      findings: ['h1 drop-rule chain iptables-nft filter/FORWARD'],
    },
    {
      name: 'drop-policy: as Docker sets it, without rules of flannel',
      cluster: () => withRules(vxlan, ...DOCKER, 'COMMIT'),
      findings: ['h1 drop-policy chain iptables-nft filter/FORWARD'],
    },
    {
      name: 'drop-policy: host-gw',
      cluster: () => withRules(hostGw, ...DOCKER, 'COMMIT'),
      findings: ['h1 drop-policy chain iptables-nft filter/FORWARD'],
    },
    {
      name: 'drop-policy: only the legacy tool shows it',
      cluster: () => withLegacyRules(vxlan, '*filter', ':FORWARD DROP [0:0]', 'COMMIT'),
      findings: ['h1 drop-policy chain iptables-legacy filter/FORWARD'],
    },
    {
      name: 'drop-policy: a native nft chain, accepted by iptables',
      cluster: () =>
        withHost(vxlan, 'h1', () => ({ nftables: nativeTable('fw', { hook: 'forward', policy: 'drop' }) })),
      findings: ['h1 drop-policy chain nft inet fw/forward'],
    },
    {
      name: 'drop-rule: a REJECT before the accepts of flannel',
      cluster: () =>
        withRules(vxlan, '*filter', ':FORWARD ACCEPT [0:0]', '-A FORWARD -j REJECT', ...ACCEPTS, 'COMMIT'),
      findings: ['h1 drop-rule chain iptables-nft filter/FORWARD'],
    },
    {
      name: 'drop-rule: one peer only',
      cluster: () => withEditedRules(vxlan, ({ rules }) => ({ rules: [drop('-s 10.2.3.0/24'), ...rules] })),
      findings: ['h1 drop-rule chain iptables-nft filter/FORWARD'],
    },
  ],
})

/** A DROP rule at the top of FORWARD. */
function drop(match: string) {
  const text = `-A FORWARD ${match} -j DROP`
  return { table: 'filter', chain: 'FORWARD', text, words: text.split(' ') }
}

test('a rule for one peer names that peer', (t) => {
  const cluster = withEditedRules(vxlan, ({ rules }) => ({ rules: [drop('-s 10.2.3.0/24'), ...rules] }))
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.findings[0]?.subject.peer, 'h3')
})

test('an unreadable world leaves the check inconclusive, a drop in another is still found', (t) => {
  const blind = withoutFact(vxlan, 'h1', { name: 'nftables', why: 'timed-out' })
  t.is(evaluate(blind, [check], blind.window.to)[0]?.outcome, 'inconclusive')
  const dropped = withRules(blind, ...DOCKER, 'COMMIT')
  t.is(evaluate(dropped, [check], dropped.window.to)[0]?.outcome, 'fail')
})

test('an ipset that decides leaves the check inconclusive', (t) => {
  const rule = drop('-m set --match-set blocked src')
  const cluster = withEditedRules(vxlan, ({ rules }) => ({ rules: [rule, ...rules] }))
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.outcome, 'inconclusive')
  t.regex(result?.reason ?? '', /match-set blocked/)
})
