/** What ends packets of host-gw and udp where vxlan has another mechanism, one fault each. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import {
  both,
  detour,
  down,
  type Edit,
  HOST_GW,
  link,
  rule,
  SECOND,
  UDP,
  underlay,
  unread,
  VXLAN,
} from '../../fixtures/walk-edits-for-tests.ts'
import { present } from '../model/present.ts'
import { testCases } from './walk/cases-for-tests.ts'

const STRANGE = '02:00:00:00:00:99'

const gateway =
  (states: readonly string[], mac?: string): Edit =>
  (cluster) =>
    withHost(cluster, 'h1', () => ({
      neighbours: [{ address: '172.20.0.2', link: 'eth0', states, ...present({ mac }) }],
    }))

const noFlanneld =
  (host: string): Edit =>
  (cluster) =>
    withHost(cluster, host, () => ({ flanneld: { processes: [] }, sockets: [] }))

const withVpn =
  (kind: string): Edit =>
  (cluster) =>
    withHost(cluster, 'h1', ({ links }) => ({
      links: [
        ...links,
        { index: 77, name: 'vpn0', kind, mtu: 1500, flags: ['UP', 'LOWER_UP'], operstate: 'UP' },
      ],
    }))

/** The public IP of h2 by another link than the one that has its network. */
const byVpn = (kind: string): Edit =>
  both(
    both(withVpn(kind), detour('h1', underlay(2), { link: 'vpn0' })),
    detour('h1', SECOND, { link: 'vpn0', gateway: underlay(2) }),
  )

testCases(test, UDP, [
  {
    name: 'udp: flanneld is root’s, and what root sends is dropped',
    edit: rule('h1', 'OUTPUT', '-p udp -m owner --uid-owner 0 --dport 8285 -j DROP'),
    ends: 'filtered at encap of h1',
  },
  {
    name: 'udp: what another user sends is dropped',
    edit: rule('h1', 'OUTPUT', '-p udp -m owner --uid-owner 1000-1999 -j DROP'),
    ends: 'delivered',
  },
])

testCases(test, VXLAN, [
  {
    name: 'vxlan: what the kernel sends is nobody’s',
    edit: rule('h1', 'OUTPUT', '-p udp -m owner --uid-owner 0 -j DROP'),
    ends: 'delivered',
  },
  {
    name: 'a program holds the flannel link down',
    edit: link('h1', 'flannel.1', { flags: ['NO-CARRIER', 'BROADCAST', 'UP'], isHeldDown: true }),
    ends: 'link-down at encap of h1',
  },
  {
    name: 'an XDP program sees what comes to the receiver first',
    edit: link('h2', 'eth0', { xdp: 7 }),
    ends: 'not-enough-facts at underlay of h2',
  },
  {
    name: 'an XDP program on the flannel link',
    edit: link('h2', 'flannel.1', { xdp: 7 }),
    ends: 'not-enough-facts at forward-in of h2',
  },
  {
    name: 'answers that are tracked in another zone than what they answer',
    edit: both(
      rule('h2', 'FORWARD', '-m conntrack --ctstate INVALID -j DROP'),
      rule('h2', 'raw/PREROUTING', '-i docker0 -j CT --zone 5'),
    ),
    direction: 'reply',
    ends: 'filtered at forward of h2',
  },
  {
    name: 'a zone of one direction alone',
    edit: both(
      rule('h2', 'FORWARD', '-m conntrack --ctstate INVALID -j DROP'),
      rule('h2', 'raw/PREROUTING', '-i docker0 -j CT --zone-orig 5'),
    ),
    direction: 'reply',
    ends: 'delivered',
  },
  {
    name: 'the tunnel leads into itself',
    edit: detour('h1', underlay(2), { link: 'flannel.1' }),
    ends: 'loop at encap of h1',
  },
])

testCases(test, HOST_GW, [
  {
    name: 'host-gw: an ICMP redirect told another next hop, which is nobody',
    edit: detour('h1', SECOND, { table: 'cache', link: 'eth0', gateway: underlay(99) }),
    ends: 'wrong-route at route of h1',
  },
  {
    name: 'host-gw: an ICMP redirect on a link that the route does not take',
    edit: detour('h1', SECOND, { table: 'cache', link: 'eth9', gateway: underlay(99) }),
    ends: 'delivered',
  },
  {
    name: 'host-gw: the gateway did not answer',
    edit: gateway(['FAILED']),
    ends: 'no-neighbour at neighbour of h1',
  },
  {
    name: 'host-gw: the gateway’s MAC is not the peer’s',
    edit: gateway(['STALE'], STRANGE),
    ends: 'wrong-neighbour at neighbour of h1',
  },
  {
    name: 'the way to the public IP leads by another link, which may have a cable to it',
    edit: byVpn('veth'),
    ends: 'not-enough-facts at underlay of h1',
  },
  {
    name: 'the way to the public IP leads by a bridge without ports',
    edit: byVpn('bridge'),
    ends: 'wrong-route at underlay of h1',
  },
  {
    name: 'the link by which it leads has no carrier',
    edit: link('h1', 'eth0', { flags: ['BROADCAST', 'UP', 'NO-CARRIER'] }),
    ends: 'link-down at underlay of h1',
  },
  {
    name: 'host-gw: a circle',
    edit: both(
      detour('h1', SECOND, { gateway: underlay(3), link: 'eth0' }),
      detour('h3', SECOND, { gateway: underlay(1), link: 'eth0' }),
    ),
    ends: 'loop at forward-in of h3',
  },
])

testCases(test, UDP, [
  {
    name: 'udp: no flanneld takes it out',
    edit: noFlanneld('h2'),
    ends: 'not-listening at decap of h2',
  },
  {
    name: 'udp: flanneld was not read',
    edit: unread('h1', 'flanneld'),
    ends: 'not-enough-facts at encap of h1',
  },
  {
    name: 'udp: flannel0 is down',
    edit: down('h2', 'flannel0'),
    ends: 'link-down at decap of h2',
  },
  {
    name: 'udp: flannel0 has no room for packets',
    edit: link('h1', 'flannel0', { queueLength: 0 }),
    ends: 'queue at encap of h1',
  },
  {
    name: 'another source of the packets that carry it, which nobody asks for',
    edit: rule('h1', 'nat/POSTROUTING', '-p udp -m udp --dport 8285 -j SNAT --to-source 172.20.0.77'),
    ends: 'delivered',
  },
  {
    name: 'another source of the packets that carry it, unless the flow is older, which the peer refuses',
    edit: both(
      rule('h1', 'nat/POSTROUTING', '-p udp -m udp --dport 8285 -j SNAT --to-source 172.20.0.77'),
      rule('h2', 'INPUT', '-p udp -m udp --dport 8285 ! -s 172.20.0.1/32 -j DROP'),
    ),
    ends: 'not-enough-facts at decap of h2',
  },
  {
    name: 'udp: input takes established flows only, and other traffic may have made one',
    edit: both(
      rule('h2', 'INPUT', '-p udp -j DROP'),
      rule('h2', 'INPUT', '-m conntrack --ctstate ESTABLISHED -j ACCEPT'),
    ),
    ends: 'not-enough-facts at decap of h2',
  },
])
