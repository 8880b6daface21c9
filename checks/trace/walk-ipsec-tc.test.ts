/** Packets that IPsec policies block and that tc drops on a link. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { both, type Edit, HOST_GW, unread, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import type { LinkFilter, Qdisc } from '../model/traffic-control.ts'
import type { XfrmPolicy } from '../model/xfrm.ts'
import { testCases, type WalkCase } from './walk/cases-for-tests.ts'

const policy =
  (host: string, changes: Partial<XfrmPolicy>, associations = 0): Edit =>
  (cluster) =>
    withHost(cluster, host, ({ xfrm }) => {
      const usual = { direction: 'fwd', source: '10.2.0.0/16', destination: '10.2.0.0/16' } as const
      const rest = { selectors: [], priority: 0, isBlock: false, isRequired: false, text: 'src x dir fwd' }
      return { xfrm: { policies: [...xfrm.policies, { ...usual, ...rest, ...changes }], associations } }
    })

const qdisc =
  (host: string, link: string, changes: Partial<Qdisc>): Edit =>
  (cluster) =>
    withHost(cluster, host, () => {
      const one = { link, kind: 'blackhole', isRoot: true, text: 'qdisc x', ...changes }
      return { trafficControl: { qdiscs: [one], filters: [] } }
    })

const filter =
  (host: string, link: string, changes: Partial<LinkFilter>): Edit =>
  (cluster) =>
    withHost(cluster, host, () => {
      const usual = { direction: 'ingress', kind: 'matchall', protocol: 'all', keys: [] } as const
      const one: LinkFilter = { link, ...usual, action: 'drop', text: 'filter x', ...changes }
      return { trafficControl: { qdiscs: [], filters: [one] } }
    })

/** Ingress of h2's eth0 led through an ifb, as shapers of what comes in do. */
const throughIfb = (flags: readonly string[]): Edit =>
  both(
    (cluster) =>
      withHost(cluster, 'h2', ({ links }) => ({
        links: [...links, { index: 78, name: 'ifb0', kind: 'ifb', mtu: 1500, flags, operstate: 'UNKNOWN' }],
      })),
    filter('h2', 'eth0', { action: 'redirect', redirectedTo: 'ifb0' }),
  )

const CASES: readonly WalkCase[] = [
  {
    name: 'a queue that is too slow',
    edit: qdisc('h1', 'eth0', { kind: 'htb', bitsPerSecond: 1000 }),
    ends: 'queue at underlay of h1',
  },
  {
    name: 'a queue that is slow',
    edit: qdisc('h1', 'eth0', { kind: 'htb', bitsPerSecond: 64_000 }),
    ends: 'delivered',
  },
  { name: 'an ifb that gives it back', edit: throughIfb(['UP', 'LOWER_UP']), ends: 'delivered' },
  { name: 'an ifb that is down', edit: throughIfb([]), ends: 'queue at underlay of h2' },
  {
    name: 'a queue without room',
    edit: qdisc('h1', 'eth0', { kind: 'pfifo', limit: { most: 0, unit: 'packets' } }),
    ends: 'queue at underlay of h1',
  },
  {
    name: 'a queue with less room than the packet',
    edit: qdisc('h2', 'docker0', { kind: 'bfifo', limit: { most: 97, unit: 'bytes' } }),
    ends: 'queue at bridge-in of h2',
  },
  {
    name: 'a queue with as much room as the frame',
    edit: qdisc('h2', 'docker0', { kind: 'bfifo', limit: { most: 98, unit: 'bytes' } }),
    ends: 'delivered',
  },
  { name: 'forwarding is blocked', edit: policy('h1', { isBlock: true }), ends: 'ipsec at forward of h1' },
  {
    name: 'forwarding is blocked behind',
    edit: policy('h2', { isBlock: true, selectors: ['proto icmp'] }),
    ends: 'ipsec at forward-in of h2',
  },
  {
    name: 'what goes by an interface of IPsec is blocked',
    edit: policy('h1', { isBlock: true, selectors: ['if_id 0x7'] }),
    ends: 'delivered',
  },
  {
    name: 'another protocol is blocked',
    edit: policy('h1', { isBlock: true, selectors: ['proto tcp'] }),
    ends: 'delivered',
  },
  {
    name: 'what is marked is blocked',
    edit: policy('h1', { isBlock: true, selectors: ['mark 0x1/0x1'] }),
    ends: 'not-enough-facts at forward of h1',
  },
  {
    name: 'it must be encrypted, without keys',
    edit: policy('h1', { isRequired: true }),
    ends: 'ipsec at forward of h1',
  },
  {
    name: 'it must be encrypted, with keys',
    edit: policy('h1', { isRequired: true }, 2),
    ends: 'not-enough-facts at forward of h1',
  },
  {
    name: 'a policy of a lower number allows it',
    edit: (c) => policy('h1', { priority: 1 })(policy('h1', { priority: 5, isBlock: true })(c)),
    ends: 'delivered',
  },
  { name: 'the bridge drops everything', edit: qdisc('h2', 'docker0', {}), ends: 'queue at bridge-in of h2' },
  { name: 'the port drops everything', edit: qdisc('h2', 'vc1', {}), ends: 'queue at bridge-in of h2' },
  {
    name: 'netem drops all',
    edit: qdisc('h1', 'eth0', { kind: 'netem', lossPercent: 100 }),
    ends: 'queue at underlay of h1',
  },
  {
    name: 'netem drops some',
    edit: qdisc('h1', 'eth0', { kind: 'netem', lossPercent: 10 }),
    ends: 'not-enough-facts at underlay of h1',
  },
  {
    name: 'tbf takes small ones only',
    edit: qdisc('h1', 'eth0', { kind: 'tbf', burst: 1000 }),
    size: 1400,
    ends: 'queue at underlay of h1',
  },
  { name: 'tbf takes it', edit: qdisc('h1', 'eth0', { kind: 'tbf', burst: 1000 }), ends: 'delivered' },
  {
    name: 'a filter of the underlay drops all',
    edit: filter('h2', 'eth0', {}),
    ends: 'queue at underlay of h2',
  },
  { name: 'a filter of the port drops all', edit: filter('h1', 'vc1', {}), ends: 'queue at bridge of h1' },
  {
    name: 'a filter drops one address',
    edit: filter('h1', 'vc1', { kind: 'u32', protocol: 'ip', keys: ['match 0a020202/ffffffff at 16'] }),
    ends: 'queue at bridge of h1',
  },
  {
    name: 'a filter drops another protocol',
    edit: filter('h1', 'vc1', { kind: 'flower', protocol: 'ip', keys: ['ip_proto tcp', 'dst_ip 10.2.2.2'] }),
    ends: 'delivered',
  },
  {
    name: 'a program',
    edit: filter('h1', 'vc1', { kind: 'bpf', action: 'program' }),
    ends: 'not-enough-facts at bridge of h1',
  },
  {
    name: 'policies could not be read',
    edit: unread('h1', 'xfrm'),
    ends: 'not-enough-facts at forward of h1',
  },
  {
    name: 'queues could not be read',
    edit: unread('h1', 'trafficControl'),
    ends: 'not-enough-facts at bridge of h1',
  },
  { name: 'a filter of ARP', edit: filter('h1', 'vc1', { protocol: 'arp' }), ends: 'delivered' },
]

testCases(test, VXLAN, [
  ...CASES,
  {
    name: 'what carries it is blocked',
    edit: policy('h1', {
      isBlock: true,
      direction: 'out',
      source: '0.0.0.0/0',
      destination: '172.20.0.2/32',
      selectors: ['proto udp', 'dport 8472'],
    }),
    ends: 'ipsec at encap of h1',
  },
  {
    name: 'what carries it is not taken in',
    edit: policy('h2', { isBlock: true, direction: 'in', source: '172.20.0.0/16', destination: '0.0.0.0/0' }),
    ends: 'ipsec at decap of h2',
  },
  {
    name: 'the flannel link drops everything',
    edit: qdisc('h1', 'flannel.1', {}),
    ends: 'queue at encap of h1',
  },
])
testCases(
  test,
  HOST_GW,
  CASES.slice(0, 7).map((one) => ({ ...one, name: `${one.name}, host-gw` })),
)
