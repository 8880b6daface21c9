/** Packets that end on the receiver's host behind its flannel link, one fault each. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import {
  address,
  both,
  detour,
  down,
  type Edit,
  FIRST,
  HOST_GW,
  link,
  neighbours,
  onLink,
  route,
  rule,
  SECOND,
  sysctl,
  underlay,
  unread,
  VXLAN,
} from '../../fixtures/walk-edits-for-tests.ts'
import { testCases } from './walk/cases-for-tests.ts'

const LOCAL = { type: 'local', table: 'local', link: 'lo' }
const CNI0 = { index: 9, name: 'cni0', kind: 'bridge', mtu: 1450, flags: ['UP'], operstate: 'DOWN' }

const otherBridge: Edit = both(
  (cluster) => withHost(cluster, 'h2', ({ links }) => ({ links: [...links, CNI0] })),
  route('h2', { destination: { address: SECOND, length: 24 }, link: 'cni0' }),
)

const detached: Edit = (cluster) =>
  withHost(cluster, 'h2', ({ links }) => ({
    links: links.map(({ master, ...one }) => (one.name === 'vc1' || !master ? one : { ...one, master })),
  }))

const noGateway: Edit = (cluster) =>
  withHost(cluster, 'h2', ({ containers }) => ({
    containers: containers.map(({ gateway: _, ...one }) => one),
  }))

testCases(test, VXLAN, [
  {
    name: 'strict reverse path and another way back',
    edit: both(
      sysctl('h2', 'net.ipv4.conf.flannel.1.rp_filter', '1'),
      detour('h2', FIRST, { gateway: underlay(0xfffe), link: 'eth0' }),
    ),
    ends: 'reverse-path at forward-in of h2',
  },
  {
    name: 'the source is the receiver’s own',
    edit: address('h2', onLink('lo', '10.2.1.2', { address: FIRST, length: 32 })),
    ends: 'reverse-path at forward-in of h2',
  },
  {
    name: 'the flannel link does not forward',
    edit: sysctl('h2', 'net.ipv4.conf.flannel.1.forwarding', '0'),
    ends: 'forwarding-off at forward-in of h2',
  },
  {
    name: 'a rule drops it',
    edit: rule('h2', 'FORWARD', '-o docker0 -j DROP'),
    ends: 'filtered at forward-in of h2',
  },
  { name: 'another bridge has the subnet', edit: otherBridge, ends: 'wrong-route at forward-in of h2' },
  {
    name: 'the host has the container’s address',
    edit: detour('h2', SECOND, LOCAL),
    ends: 'captured at forward-in of h2',
  },
  { name: 'the bridge is down', edit: down('h2', 'docker0'), ends: 'link-down at bridge-in of h2' },
  {
    name: 'the container’s port is no port of the bridge',
    edit: detached,
    ends: 'no-neighbour at bridge-in of h2',
  },
  { name: 'the container’s port is down', edit: down('h2', 'vc1'), ends: 'link-down at bridge-in of h2' },
  {
    name: 'too large for the bridge',
    edit: link('h2', 'docker0', { mtu: 1400 }),
    size: 1450,
    ends: 'too-big at bridge-in of h2',
  },
  {
    name: 'too large for the port',
    edit: link('h2', 'vc1', { mtu: 1400 }),
    size: 1450,
    ends: 'too-big at bridge-in of h2',
  },
  {
    name: 'the container did not answer',
    edit: neighbours('h2', ({ address: text, link: on }) => [
      { address: text, link: on, states: ['FAILED'] },
    ]),
    ends: 'no-neighbour at bridge-in of h2',
  },
  {
    name: 'the host holds another MAC of the container',
    edit: neighbours('h2', (one) => [{ ...one, mac: '06:00:00:00:00:99' }]),
    ends: 'wrong-neighbour at bridge-in of h2',
  },
  {
    name: 'containers were not read',
    edit: unread('h2', 'containers'),
    ends: 'not-enough-facts at bridge-in of h2',
  },
  {
    name: 'only the way back lacks a default route',
    edit: noGateway,
    direction: 'reply',
    ends: 'no-route at source of h2',
  },
])

testCases(test, HOST_GW, [
  {
    name: 'host-gw: the underlay link does not forward',
    edit: sysctl('h2', 'net.ipv4.conf.eth0.forwarding', '0'),
    ends: 'forwarding-off at forward-in of h2',
  },
  {
    name: 'host-gw: the receiver sends it on',
    edit: detour('h2', SECOND, { gateway: underlay(1), link: 'eth0' }),
    ends: 'wrong-route at forward-in of h2',
  },
])
