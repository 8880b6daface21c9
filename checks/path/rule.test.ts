import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { withNetwork } from '../../fixtures/containers-for-tests.ts'
import { HOST_GW, rule, UDP, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { evaluate } from '../evaluate.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './rule.ts'

const policyDrop = withHost(VXLAN, 'h2', ({ iptables }) => ({
  iptables: {
    ...iptables,
    chains: iptables.chains.map((one) => (one.name === 'INPUT' ? { ...one, policy: 'DROP' } : one)),
  },
}))

const inContainer = withNetwork(VXLAN, 'h2', () => {
  const text = '-A INPUT -p icmp -j DROP'
  const rules = [{ table: 'filter', chain: 'INPUT', text, words: text.split(' ') }]
  const chains = [{ table: 'filter', name: 'INPUT', policy: 'ACCEPT' }]
  return { iptables: { variant: 'nf_tables', chains, rules } }
})

const DOCKER_RULE = '-s 10.2.1.0/24 ! -o docker0 -j MASQUERADE'

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => VXLAN },
    { name: 'host-gw', cluster: () => HOST_GW },
    { name: 'udp', cluster: () => UDP },
    {
      name: 'a rule for another container',
      cluster: () => rule('h2', 'FORWARD', '-d 10.2.2.9/32 -j DROP')(VXLAN),
    },
    {
      name: 'Docker masquerades and flanneld does not',
      cluster: () =>
        rule(
          'h1',
          'nat/POSTROUTING',
          DOCKER_RULE,
        )(buildCluster({ hosts: 2, backend: 'vxlan', ipMasq: false })),
    },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'a rule that names one container',
      cluster: () => rule('h2', 'FORWARD', '-d 10.2.2.2/32 -j DROP')(VXLAN),
      findings: ['h2 drops rule of iptables-nft filter/FORWARD: -A FORWARD -d 10.2.2.2/32 -j DROP'],
    },
    {
      name: 'a rule for pings only',
      cluster: () => rule('h2', 'FORWARD', '-d 10.2.2.0/24 -p icmp -j DROP')(VXLAN),
      findings: ['h2 drops rule of iptables-nft filter/FORWARD: -A FORWARD -d 10.2.2.0/24 -p icmp -j DROP'],
    },
    {
      name: 'what carries the packets is dropped by its sender',
      cluster: () => rule('h1', 'OUTPUT', '-d 172.20.0.2/32 -p udp -m udp --dport 8472 -j DROP')(VXLAN),
      findings: [
        'h1 drops rule of iptables-nft filter/OUTPUT: -A OUTPUT -d 172.20.0.2/32 -p udp -m udp --dport 8472 -j DROP',
      ],
    },
    {
      name: 'a forwarding of a former service',
      cluster: () => rule('h1', 'nat/PREROUTING', '-d 10.2.2.2/32 -j DNAT --to-destination 10.2.3.2')(VXLAN),
      findings: [
        'h1 redirects rule of iptables-nft nat/PREROUTING: -A PREROUTING -d 10.2.2.2/32 -j DNAT --to-destination 10.2.3.2',
      ],
    },
    {
      name: 'what carries the packets is sent to another port',
      cluster: () =>
        rule('h2', 'nat/PREROUTING', '-p udp -m udp --dport 8472 -j REDIRECT --to-ports 99')(VXLAN),
      findings: [
        'h2 redirects rule of iptables-nft nat/PREROUTING: -A PREROUTING -p udp -m udp --dport 8472 -j REDIRECT --to-ports 99',
      ],
    },
    {
      name: 'a source that is not of the host',
      cluster: () => rule('h1', 'nat/POSTROUTING', '-d 10.2.2.2/32 -j SNAT --to-source 192.168.9.9')(VXLAN),
      findings: [
        'h1 redirects rule of iptables-nft nat/POSTROUTING: -A POSTROUTING -d 10.2.2.2/32 -j SNAT --to-source 192.168.9.9',
      ],
    },
    {
      name: 'a time to live that runs out on the next host',
      cluster: () => rule('h1', 'mangle/POSTROUTING', '-o flannel.1 -j TTL --ttl-set 1')(VXLAN),
      findings: [
        'h1 ttl-too-small rule of iptables-nft mangle/POSTROUTING: -A POSTROUTING -o flannel.1 -j TTL --ttl-set 1',
      ],
    },
    {
      name: 'a rule that drops by chance',
      cluster: () =>
        rule('h1', 'FORWARD', '-m statistic --mode random --probability 0.30000000009 -j DROP')(VXLAN),
      findings: [
        'h1 drops-some rule of iptables-nft filter/FORWARD: -A FORWARD -m statistic --mode random --probability 0.30000000009 -j DROP',
      ],
    },
    {
      name: 'what leaves by the bridge is masqueraded',
      cluster: () => rule('h2', 'nat/POSTROUTING', '-o docker0 -j MASQUERADE')(VXLAN),
      findings: [
        'h2 hides-source rule of iptables-nft nat/POSTROUTING: -A POSTROUTING -o docker0 -j MASQUERADE',
      ],
    },
    {
      name: 'a rule inside a container',
      cluster: () => inContainer,
      findings: ['h2 drops container h2c1: rule of iptables-nft filter/INPUT: -A INPUT -p icmp -j DROP'],
    },
    {
      name: 'the policy of INPUT takes what carries the packets',
      cluster: () => policyDrop,
      findings: ['h2 drops-by-policy rule of iptables-nft filter/INPUT: policy DROP'],
    },
  ],
})

test('that Docker masquerades its bridge is no finding of its own: who was told to is judged elsewhere', (t) => {
  const cluster = rule('h2', 'nat/POSTROUTING', '-s 10.2.2.0/24 ! -o docker0 -j MASQUERADE')(VXLAN)
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.deepEqual(result?.findings, [])
})

test('a rule that cannot be followed on the way is not passed', (t) => {
  const cluster = rule('h2', 'FORWARD', '-d 10.2.2.2/32 -m bpf --bytecode x -j DROP')(VXLAN)
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.outcome, 'inconclusive')
  t.regex(
    result?.reason ?? '',
    /h2: iptables-nft filter\/FORWARD cannot be followed: -A FORWARD -d 10\.2\.2\.2/,
  )
})

test('the fix is the command that takes out this very rule', (t) => {
  const cluster = rule('h2', 'FORWARD', '-d 10.2.2.2/32 -j DROP')(VXLAN)
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.deepEqual(result?.findings[0]?.fixes, [
    {
      host: 'h2',
      command: 'iptables -t filter -D FORWARD -d 10.2.2.2/32 -j DROP',
      effect: 'this rule takes no more packets',
      restartProof: false,
      undo: 'iptables -t filter -I FORWARD 1 -d 10.2.2.2/32 -j DROP',
    },
  ])
})

test('a rule inside a container is taken out there', (t) => {
  const [result] = evaluate(inContainer, [check], inContainer.window.to)
  const [finding] = result?.findings ?? []
  t.regex(finding?.message ?? '', /chain filter\/INPUT on container h2c1 of h2 drops/)
  t.is(
    finding?.fixes[0]?.command,
    'nsenter --net=/run/netns/h2c1 iptables -t filter -D INPUT -p icmp -j DROP',
  )
})
