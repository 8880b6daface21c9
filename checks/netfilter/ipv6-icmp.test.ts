/** Neighbour discovery and "packet too big", which pass the packet filters of IPv6. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { judgedBy } from '../check-table.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { check } from './ipv6.ts'
import { ACCEPT, dump, field, filtered, match, saved, vxlan } from './ipv6-rules-for-tests.ts'

/** What is found on h1, and how it is printed to heal. */
function found(cluster: ClusterSnapshot): readonly (readonly (string | undefined)[])[] {
  return judgedBy(check, cluster).flatMap(({ findings }) =>
    findings.map(({ code, effect, fixes }) => [
      code.split(':')[1],
      effect,
      ...fixes.map(({ command }) => command),
    ]),
  )
}

test('a rule that takes who asks for the MAC of a host', (t) => {
  const words = '-i eth0 -p ipv6-icmp -m icmp6 --icmpv6-type 135'
  t.deepEqual(found(saved({ ip6tables: dump('filter', 'INPUT', words) })), [
    ['neighbours-dropped', 'loss', `ip6tables -t filter -D INPUT ${words} -j DROP`],
  ])
})

test('a policy that lets the tunnel pass alone', (t) => {
  const rules = [[field('udp', 'dport', 8472), ACCEPT]]
  t.deepEqual(found(filtered(vxlan, [{ name: 'INPUT', hook: 'input', policy: 'drop', rules }])), [
    ['neighbours-dropped', 'loss', 'ip6tables -t filter -I INPUT -p ipv6-icmp -j ACCEPT'],
  ])
})

test('a policy that lets nothing pass is told of the tunnel, whose port is opened', (t) => {
  t.deepEqual(found(filtered(vxlan, [{ name: 'INPUT', hook: 'input', policy: 'drop' }])), [
    ['tunnel-dropped', 'loss', 'ip6tables -t filter -I INPUT -p udp --dport 8472 -j ACCEPT'],
  ])
})

test('what is accepted by its type, as ufw writes it and as firewalld does', (t) => {
  const types = ['135', '136'].map(
    (type) => `-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255 -j ACCEPT\n`,
  )
  const text = dump('filter', 'INPUT', '-p ipv6-icmp').replace('[5:9]', `${types.join('')}[5:9]`)
  t.deepEqual(found(saved({ ip6tables: text })), [])
  const rules = [
    [field('icmpv6', 'type', { set: ['nd-neighbor-solicit', 'nd-neighbor-advert'] }), ACCEPT],
    [field('udp', 'dport', 8472), ACCEPT],
  ]
  t.deepEqual(found(filtered(vxlan, [{ name: 'INPUT', hook: 'input', policy: 'drop', rules }], 'inet')), [])
})

test('what tells containers to send less: a loss where their MTU is more than the VTEP carries', (t) => {
  const text = dump('filter', 'OUTPUT', '-p ipv6-icmp -m icmp6 --icmpv6-type 2')
  const [alike] = found(saved({ ip6tables: text }))
  t.deepEqual(alike?.slice(0, 2), ['too-big-dropped', 'risk'])
  const smaller = withHost(saved({ ip6tables: text }), 'h1', ({ links }) => ({
    links: links.map((link) => (link.name === 'flannel-v6.1' ? { ...link, mtu: 1430 } : link)),
  }))
  t.deepEqual(found(smaller)[0]?.slice(0, 2), ['too-big-dropped', 'loss'])
})

test('errors about known connections pass with these', (t) => {
  const states = ['new', 'established', 'related', 'untracked']
  const rules = [[match({ ct: { key: 'state' } }, states, 'in'), ACCEPT]]
  t.deepEqual(found(filtered(vxlan, [{ name: 'OUTPUT', hook: 'output', policy: 'drop', rules }])), [])
})
