/** Packets that end on the sender's host, one fault each. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { withContainer, withPort, withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import {
  both,
  detour,
  down,
  type Edit,
  FIRST,
  onLink,
  route,
  rule,
  SECOND,
  sysctl,
  underlay,
  unread,
  VXLAN,
} from '../../fixtures/walk-edits-for-tests.ts'
import type { Container } from '../model/container-bridge.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCases } from './walk/cases-for-tests.ts'

const container =
  (edit: (one: Container) => Container): Edit =>
  (cluster) =>
    withContainer(cluster, (one) => [edit(one)])

const SECOND_NET = { address: SECOND, length: 24 }
const neighbourTo24 = { address: FIRST, length: 16 }

/** h1c2 has 10.2.1.9. */
function beside(cluster: ClusterSnapshot): ClusterSnapshot {
  const own = onLink('eth0', '10.2.1.9', { address: 0x0a020109, length: 24 })
  return withSecondContainer(cluster, { addresses: [own] })
}

const noFlannelRoutes: Edit = (cluster) =>
  withHost(cluster, 'h1', ({ routes }) => ({
    routes: routes.filter((one) => one.link !== 'flannel.1' && one.destination.length > 0),
  }))

const refusing: Edit = (cluster) =>
  withHost(cluster, 'h1', ({ rules }) => ({
    rules: [{ priority: 10, from: '10.2.1.0/24', other: ['unreachable'] }, ...rules],
  }))

testCases(test, VXLAN, [
  {
    name: 'no default route',
    edit: container(({ gateway: _, ...one }) => one),
    ends: 'no-route at source of h1',
  },
  {
    name: 'the gateway is nobody',
    edit: container((one) => ({ ...one, gateway: '10.2.1.250' })),
    ends: 'no-neighbour at source of h1',
  },
  {
    name: 'the gateway is another container',
    edit: both(
      beside,
      container((one) => ({ ...one, gateway: '10.2.1.9' })),
    ),
    ends: 'wrong-route at source of h1',
  },
  {
    name: 'the target is taken for a neighbour',
    edit: container((one) => ({ ...one, addresses: [onLink('eth0', '10.2.1.2', neighbourTo24)] })),
    ends: 'no-neighbour at source of h1',
  },
  {
    name: 'the container’s link is down',
    edit: container((one) => ({ ...one, links: one.links.map((link) => ({ ...link, flags: [] })) })),
    ends: 'link-down at source of h1',
  },
  {
    name: 'the host’s end is not known',
    edit: container((one) => ({ ...one, links: one.links.map(({ peerIndex: _, ...link }) => link) })),
    ends: 'not-enough-facts at source of h1',
  },
  { name: 'too large for its link', edit: (c) => c, size: 1451, ends: 'too-big at source of h1' },
  {
    name: 'the container could not be entered',
    edit: container((one) => ({ ...one, problem: 'gone' })),
    ends: 'not-enough-facts at source of h1',
  },
  {
    name: 'containers were not read',
    edit: unread('h1', 'containers'),
    ends: 'not-enough-facts at source of h1',
  },
  { name: 'routes were not read', edit: unread('h1', 'routes'), ends: 'not-enough-facts at source of h1' },
  { name: 'the port is down', edit: down('h1', 'vc1'), ends: 'link-down at bridge of h1' },
  { name: 'the port is gone', edit: (c) => withPort(c, () => []), ends: 'link-down at bridge of h1' },
  { name: 'the bridge is down', edit: down('h1', 'docker0'), ends: 'link-down at bridge of h1' },
  {
    name: 'too large for the port',
    edit: (c) => withPort(c, (port) => [{ ...port, mtu: 1400 }]),
    size: 1405,
    ends: 'too-big at bridge of h1',
  },
  {
    name: 'the bridge does not forward',
    edit: sysctl('h1', 'net.ipv4.conf.docker0.forwarding', '0'),
    ends: 'forwarding-off at forward of h1',
  },
  {
    name: 'a rule drops it',
    edit: rule('h1', 'FORWARD', '-i docker0 -j DROP'),
    ends: 'filtered at forward of h1',
  },
  {
    name: 'a rule cannot be followed',
    edit: rule('h1', 'FORWARD', '-m set --match-set x src -j DROP'),
    ends: 'not-enough-facts at forward of h1',
  },
  {
    name: 'a rule redirects it',
    edit: rule('h1', 'nat/PREROUTING', '-d 10.2.2.2/32 -j DNAT --to-destination 10.2.3.2'),
    ends: 'redirected at forward of h1',
  },
  {
    name: 'filters were not read',
    edit: unread('h1', 'nftables'),
    ends: 'not-enough-facts at forward of h1',
  },
  {
    name: 'a blackhole route',
    edit: route('h1', { destination: SECOND_NET, type: 'blackhole' }),
    ends: 'no-route at route of h1',
  },
  { name: 'no route', edit: noFlannelRoutes, ends: 'no-route at route of h1' },
  { name: 'a policy rule refuses it', edit: refusing, ends: 'no-route at route of h1' },
  {
    name: 'the route leads to the default gateway',
    edit: detour('h1', SECOND, { gateway: underlay(0xfffe), link: 'eth0' }),
    ends: 'wrong-route at route of h1',
  },
  {
    name: 'the target’s address is local',
    edit: detour('h1', SECOND, { type: 'local', table: 'local', link: 'lo' }),
    ends: 'captured at route of h1',
  },
])
