/** Packets that rules change on their way: time to live, mark, source and destination, and those of the tunnel. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { both, type Edit, HOST_GW, rule, sysctl, UDP, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { C1, C2, PLAIN, testCases, type WalkCase } from './walk/cases-for-tests.ts'
import { walkPing } from './walk.ts'

/** What is marked 7 goes nowhere. */
const markedLost =
  (host: string): Edit =>
  (cluster) =>
    withHost(cluster, host, ({ rules }) => ({
      rules: [{ priority: 99, from: 'all', other: ['fwmark 0x7', 'prohibit'] }, ...rules],
    }))

/** A native chain of nft at output with one rule. */
const nftOutput =
  (type: string, expressions: readonly unknown[]): Edit =>
  (cluster) =>
    withHost(cluster, 'h1', () => ({
      nftables: {
        tables: [{ family: 'ip', name: 'x' }],
        chains: [
          {
            family: 'ip',
            table: 'x',
            name: 'c',
            type,
            hook: 'output',
            priority: -150,
            policy: 'accept',
            handle: 1,
          },
        ],
        rules: [{ family: 'ip', table: 'x', chain: 'c', handle: 2, expressions }],
        sets: [],
      },
    }))

const MARK_UDP = [
  { match: { op: '==', left: { payload: { protocol: 'udp', field: 'dport' } }, right: 8472 } },
  { mangle: { key: { meta: { key: 'mark' } }, value: 7 } },
]

const TUNNEL = '-p udp -m udp --dport 8472'

const REWRITTEN: readonly WalkCase[] = [
  {
    name: 'the time to live is one before it is forwarded',
    edit: rule('h1', 'mangle/PREROUTING', '-i docker0 -j TTL --ttl-set 1'),
    ends: 'expired at forward of h1',
  },
  {
    name: 'the time to live lasts to the peer only',
    edit: rule('h1', 'mangle/POSTROUTING', '-o flannel.1 -j TTL --ttl-set 1'),
    ends: 'expired at forward-in of h2',
  },
  {
    name: 'the time to live is lowered and lasts',
    edit: rule('h2', 'mangle/FORWARD', '-j TTL --ttl-dec 40'),
    ends: 'delivered',
  },
  {
    name: 'a rule that may lower the time to live',
    edit: rule('h1', 'mangle/PREROUTING', '-m bpf --bytecode x -j TTL --ttl-set 1'),
    ends: 'not-enough-facts at forward of h1',
  },
  {
    name: 'the answer goes to an address that nobody has',
    edit: rule('h1', 'nat/POSTROUTING', '-s 10.2.1.2/32 -j SNAT --to-source 192.168.9.9'),
    direction: 'reply',
    ends: 'redirected at underlay of h2',
  },
  {
    name: 'the answer goes to an address of a third subnet',
    edit: rule('h1', 'nat/POSTROUTING', '-s 10.2.1.2/32 -j SNAT --to-source 10.2.3.77'),
    direction: 'reply',
    ends: 'redirected at bridge-in of h3',
  },
  {
    name: 'the tunnel is sent to another port of the receiver',
    edit: rule('h2', 'nat/PREROUTING', `${TUNNEL} -j REDIRECT --to-ports 9999`),
    ends: 'redirected at decap of h2',
  },
  {
    name: 'the tunnel is sent to another address of the receiver',
    edit: rule('h2', 'nat/PREROUTING', `${TUNNEL} -j DNAT --to-destination 10.2.2.1`),
    ends: 'delivered',
  },
  {
    name: 'the tunnel is sent to another host',
    edit: rule('h1', 'nat/OUTPUT', `${TUNNEL} -d 172.20.0.2/32 -j DNAT --to-destination 172.20.0.3`),
    ends: 'redirected at encap of h1',
  },
  {
    name: 'NAT of the tunnel is told to leave it alone',
    edit: both(
      rule('h1', 'nat/OUTPUT', `${TUNNEL} -j DNAT --to-destination 172.20.0.3`),
      rule('h1', 'raw/OUTPUT', `${TUNNEL} -j NOTRACK`),
    ),
    ends: 'delivered',
  },
  {
    name: 'the tunnel has another source and the receiver does not care',
    edit: rule('h1', 'nat/POSTROUTING', `${TUNNEL} -j SNAT --to-source 172.20.0.99`),
    ends: 'delivered',
  },
  {
    name: 'the tunnel has another source and the receiver looks at it',
    edit: both(
      rule('h1', 'nat/POSTROUTING', `${TUNNEL} -j SNAT --to-source 172.20.0.99`),
      rule('h2', 'INPUT', '-s 172.20.0.99/32 -j DROP'),
    ),
    ends: 'filtered at decap of h2',
  },
  {
    name: 'a mark at output has the tunnel routed again',
    edit: both(rule('h1', 'mangle/OUTPUT', `${TUNNEL} -j MARK --set-xmark 0x7/0xffffffff`), markedLost('h1')),
    ends: 'no-route at encap of h1',
  },
  {
    name: 'a chain of type route has the tunnel routed again',
    edit: both(nftOutput('route', MARK_UDP), markedLost('h1')),
    ends: 'no-route at encap of h1',
  },
  {
    name: 'a chain of type filter does not',
    edit: both(nftOutput('filter', MARK_UDP), markedLost('h1')),
    ends: 'delivered',
  },
  {
    name: 'a mark before routing leads the tunnel past the receiver’s own address',
    edit: both(rule('h2', 'mangle/PREROUTING', `${TUNNEL} -j MARK --set-xmark 0x7/0xffffffff`), (cluster) =>
      withHost(cluster, 'h2', ({ rules }) => ({
        rules: [{ priority: 0, from: 'all', other: ['fwmark 0x7', 'prohibit'] }, ...rules],
      })),
    ),
    ends: 'no-route at decap of h2',
  },
  {
    name: 'the receiver answers no ARP request on the underlay',
    edit: sysctl('h2', 'net.ipv4.conf.eth0.arp_ignore', '8'),
    ends: 'no-neighbour at underlay of h1',
  },
]

testCases(test, VXLAN, REWRITTEN)

testCases(test, HOST_GW, [
  {
    name: 'the next hop answers no ARP request',
    edit: sysctl('h2', 'net.ipv4.conf.all.arp_ignore', '8'),
    ends: 'no-neighbour at neighbour of h1',
  },
])

testCases(test, UDP, [
  {
    name: 'NAT of a flow that both ends share may have been done for the other way',
    edit: rule('h2', 'nat/PREROUTING', '-p udp -m udp --dport 8285 -j REDIRECT --to-ports 9999'),
    ends: 'not-enough-facts at decap of h2',
  },
  {
    name: 'flanneld takes one off a time to live of one',
    edit: rule('h1', 'mangle/FORWARD', '-o flannel0 -j TTL --ttl-set 1'),
    ends: 'expired at encap of h1',
  },
])

test('the rule that wrote the time to live is what the loss is counted to, on its own host', (t) => {
  const cluster = rule('h1', 'mangle/POSTROUTING', '-o flannel.1 -j TTL --ttl-set 1')(VXLAN)
  const { culprit, hops } = walkPing(cluster, { from: C1, to: C2 }, PLAIN).request
  t.is(hops.at(-1)?.host, 'h2')
  t.is(culprit?.host, 'h1')
  t.is(culprit?.rule?.by, '-A POSTROUTING -o flannel.1 -j TTL --ttl-set 1')
})

test('of an answer that a filter takes the translation is not to blame', (t) => {
  const cluster = both(
    rule('h1', 'nat/POSTROUTING', '-s 10.2.1.2/32 -j SNAT --to-source 192.168.9.9'),
    rule('h2', 'FORWARD', '-s 10.2.2.2/32 -j DROP'),
  )(VXLAN)
  const { reply } = walkPing(cluster, { from: C1, to: C2 }, PLAIN)
  t.is(reply?.ends, 'filtered')
  t.is(reply?.culprit, undefined)
})

test('where a host was not read the address may be its own', (t) => {
  const cluster = rule(
    'h1',
    'nat/POSTROUTING',
    '-s 10.2.1.2/32 -j SNAT --to-source 192.168.9.9',
  )({
    ...VXLAN,
    complete: false,
  })
  t.is(walkPing(cluster, { from: C1, to: C2 }, PLAIN).reply?.ends, 'not-enough-facts')
})
