import test from 'ava'
import { withLeases } from '../../fixtures/build.ts'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import { parseIpv6Prefix } from '../model/ipv6.ts'
import type { Lease } from '../model/lease.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6.ts'
import {
  ACCEPT,
  DROP,
  dump,
  field,
  filtered,
  forward,
  input,
  JUMP,
  match,
  meta,
  REJECT,
  saved,
  vxlan,
} from './ipv6-rules-for-tests.ts'

/** The cluster with so many further leases. */
function withPeers(count: number, cluster: ClusterSnapshot): ClusterSnapshot {
  return withLeases(cluster, (leases) => {
    const [, second] = leases
    const more = Array.from({ length: count }, (_, at) => at + 4).flatMap((number): readonly Lease[] => {
      const subnet = parseIpv6Prefix(`fd00:5:0:${number}::/64`)
      if (second?.ipv6 === undefined || subnet === undefined) return []
      const ipv6 = { ...second.ipv6, subnet, publicIp: `2001:db8::${number}` }
      const own = { address: second.subnet.address + number * 256, length: second.subnet.length }
      return [
        { ...second, key: `${second.key}${number}`, subnet: own, publicIp: second.publicIp + number, ipv6 },
      ]
    })
    return [...leases, ...more]
  })
}

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
      name: 'rules of IPv4, and of another range',
      cluster: () =>
        saved({
          ip6tables: dump('filter', 'FORWARD', '-m iprange --src-range fd00:7::-fd00:8::'),
          iptables: dump('filter', 'FORWARD', '-o docker0'),
        }),
    },
    { name: 'another port', cluster: () => filtered(vxlan, input([[field('udp', 'dport', 53), DROP]])) },
  ],
  fails: [
    {
      name: 'the policy, and flannel has no accepts',
      cluster: () => filtered(vxlan, forward([], 'drop')),
      findings: ['h1 forward-dropped chain ip6tables-nft filter/FORWARD'],
    },
    {
      name: 'a rule before those of flannel, of both directions once',
      cluster: () => filtered(vxlan, forward([[REJECT], JUMP])),
      findings: ['h1 forward-dropped rule nft ip6 filter/FORWARD handle 1'],
    },
    {
      name: 'host-gw, by what goes out alone',
      cluster: () => filtered(ipv6Cluster('host-gw'), forward([[meta('iifname', 'docker0'), DROP]])),
      findings: ['h1 forward-dropped rule nft ip6 filter/FORWARD handle 1'],
    },
    {
      name: 'the port of the tunnel, from one peer',
      cluster: () =>
        filtered(
          vxlan,
          input([[field('ip6', 'saddr', '2001:db8::2'), field('udp', 'dport', 8472), DROP]]),
          'inet',
        ),
      findings: ['h1 tunnel-dropped rule nft inet filter/INPUT handle 1'],
    },
    {
      name: 'before routing',
      cluster: () => saved({ ip6tables: dump('raw', 'PREROUTING', '-d 2001:db8::/64 -p udp --dport 8472') }),
      findings: ['h1 tunnel-dropped rule ip6tables-nft raw/PREROUTING rule 1'],
    },
    {
      name: 'a rule that the legacy tool shows alone',
      cluster: () => saved({ ip6tablesLegacy: dump('filter', 'FORWARD', '-o docker0 -p ipv6-icmp') }),
      findings: ['h1 forward-dropped rule ip6tables-legacy filter/FORWARD rule 1'],
    },
    {
      name: 'a range of addresses, of ICMP one type',
      cluster: () =>
        saved({
          ip6tables: dump(
            'filter',
            'FORWARD',
            '-m iprange --src-range fd00:5:0:2::-fd00:5:0:2::ff -p ipv6-icmp -m icmp6 --icmpv6-type 128',
          ),
        }),
      findings: ['h1 forward-dropped rule ip6tables-nft filter/FORWARD rule 1'],
    },
    {
      name: 'who asks for the MAC of a host',
      cluster: () => saved({ ip6tables: dump('filter', 'INPUT', '-p ipv6-icmp -m icmp6 --icmpv6-type 135') }),
      findings: ['h1 neighbours-dropped rule ip6tables-nft filter/INPUT rule 1'],
    },
    {
      name: 'what tells containers to send less',
      cluster: () => saved({ ip6tables: dump('filter', 'OUTPUT', '-p ipv6-icmp -m icmp6 --icmpv6-type 2') }),
      findings: ['h1 too-big-dropped rule ip6tables-nft filter/OUTPUT rule 1'],
    },
    {
      name: 'one of two hundred peers',
      cluster: () => withPeers(200, saved({ ip6tables: dump('filter', 'FORWARD', '-d fd00:5:0:99::/64') })),
      findings: ['h1 forward-dropped rule ip6tables-nft filter/FORWARD rule 1'],
    },
  ],
})

test('a match that is not read leaves it open', (t) => {
  const rules = [[{ xt: { type: 'match', name: 'set' } }, ACCEPT], [DROP]]
  const results = judgedBy(check, filtered(vxlan, forward(rules))).filter(({ host }) => host === 'h1')
  t.deepEqual(
    results.map(({ outcome, findings }) => [outcome, findings.length]),
    [['inconclusive', 0]],
  )
})

test('the command takes out what the tool prints', (t) => {
  const cluster = saved({
    ip6tables: dump('filter', 'FORWARD', '-o docker0 -m comment --comment "no guests"'),
  })
  const [found] = judgedBy(check, cluster).flatMap(({ findings }) => findings)
  t.is(
    found?.fixes[0]?.command,
    "ip6tables -t filter -D FORWARD -o docker0 -m comment --comment 'no guests' -j DROP",
  )
  t.is(found?.observed, '-A FORWARD -o docker0 -m comment --comment "no guests" -j DROP, 5 packets')
})
