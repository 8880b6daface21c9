import test from 'ava'
import { withHost } from '../../../fixtures/build.ts'
import { withContainer, withNetwork } from '../../../fixtures/containers-for-tests.ts'
import {
  address,
  both,
  detour,
  type Edit,
  link,
  onLink,
  route,
  underlay,
  VXLAN,
} from '../../../fixtures/walk-edits-for-tests.ts'
import { lossFixes } from './loss-fix.ts'
import { predictedLosses } from './losses.ts'
import { removalFixes } from './rule-removal.ts'

function commands(edit: Edit): readonly string[] {
  const broken = edit(VXLAN)
  return [
    ...new Set(
      predictedLosses(broken)
        .flatMap((loss) => lossFixes(loss, broken))
        .map(({ command }) => command),
    ),
  ]
}

const SHORT = 0x0a020101

test('a tunnel that leads into itself: the route goes', (t) => {
  t.deepEqual(commands(detour('h1', underlay(2), { link: 'flannel.1' })), [
    'ip route del 172.20.0.2/32 dev flannel.1',
  ])
})

const KERNEL = { type: 'unicast', table: 'main', metric: 0, flags: [] } as const

test('the one route to the network of the hosts is never deleted, wherever it leads', (t) => {
  const wrong: Edit = (cluster) =>
    withHost(cluster, 'h1', ({ routes, addresses }) => ({
      addresses: addresses.map((one) =>
        one.link === 'eth0' ? onLink('eth0', '172.20.0.1', { address: underlay(1), length: 24 }) : one,
      ),
      routes: [
        ...routes.filter(({ link: name, type }) => name !== 'eth0' || type === 'local'),
        { ...KERNEL, destination: { address: underlay(0), length: 24 }, link: 'flannel.1' },
      ],
    }))
  t.true(predictedLosses(wrong(VXLAN)).length > 0)
  t.deepEqual(commands(wrong), [])
})

test('a link that a program holds down is let go', (t) => {
  const held = link('h1', 'flannel.1', { flags: ['NO-CARRIER', 'UP'], isHeldDown: true })
  t.deepEqual(commands(held), ['ip link set flannel.1 protodown off'])
})

test('a port is set to forward, without the spanning tree that lets it wait; a loop stays cut', (t) => {
  const bridgePort = { learning: true, flood: true, isolated: false, locked: false }
  const port = (state: string) => link('h1', 'vc1', { bridgePort: { ...bridgePort, state } })
  const tree = link('h1', 'docker0', { isSpanningTree: true })
  const set = 'bridge link set dev vc1 state 3'
  t.deepEqual(commands(port('listening')), [set])
  t.deepEqual(commands(both(port('listening'), tree)), [
    `ip link set docker0 type bridge stp_state 0 && ${set}`,
  ])
  t.deepEqual(commands(both(port('blocking'), tree)), [])
})

test('a container’s address that a shorter subnet makes its broadcast address: the shorter goes', (t) => {
  const broadcast = { type: 'broadcast', table: 'local', link: 'docker0' } as const
  const edit = both(
    address('h1', onLink('docker0', '10.2.1.1', { address: SHORT, length: 31 })),
    route('h1', { destination: { address: 0x0a020102, length: 32 }, ...broadcast }),
  )
  // Of 10.2.1.1/31 it would be .1: nothing is deleted that does not make the broadcast address.
  t.deepEqual(commands(edit), [])
  const right = both(
    address('h1', onLink('docker0', '10.2.1.1', { address: 0x0a020102, length: 32 })),
    route('h1', { destination: { address: 0x0a020102, length: 32 }, ...broadcast }),
  )
  t.deepEqual(commands(right), ['ip addr del 10.2.1.1/32 dev docker0'])
})

test('a container that takes the whole network for neighbours loses that route', (t) => {
  const near = { type: 'unicast', table: 'main', metric: 0, flags: [], link: 'eth0' } as const
  const edit: Edit = (cluster) =>
    withNetwork(cluster, 'h1', ({ routes }) => ({
      routes: [...routes, { ...near, destination: { address: 0x0a020000, length: 16 } }],
    }))
  t.true(commands(edit).some((command) => command.endsWith('ip route del 10.2.0.0/16 dev eth0')))
})

test('routes that are right are never deleted: to peers, and of a container to the subnet of its host', (t) => {
  const stray = onLink('eth0', '10.2.2.77', { address: 0x0a02024d, length: 24 })
  const edit: Edit = (cluster) =>
    withNetwork(
      withContainer(cluster, (one) => [{ ...one, addresses: [stray] }]),
      'h2',
      () => ({}),
    )
  t.deepEqual(commands(edit), [])
})

test('a container of another host takes that subnet for its neighbours: there the route goes', (t) => {
  const near = { type: 'unicast', table: 'main', metric: 0, flags: [], link: 'eth0' } as const
  const edit: Edit = (cluster) =>
    withNetwork(cluster, 'h1', ({ routes }) => ({
      routes: [...routes, { ...near, destination: { address: 0x0a020200, length: 24 } }],
    }))
  t.true(commands(edit).some((command) => command.endsWith('h1c1 ip route del 10.2.2.0/24 dev eth0')))
})

test('ARP is switched on again where it is off, on the bridge and inside a container', (t) => {
  const flags = ['BROADCAST', 'MULTICAST', 'NOARP', 'UP', 'LOWER_UP']
  t.deepEqual(commands(link('h1', 'docker0', { flags })), ['ip link set docker0 arp on'])
  const edit: Edit = (cluster) =>
    withContainer(
      withNetwork(cluster, 'h1', () => ({})),
      (one) => [{ ...one, links: one.links.map((own) => ({ ...own, flags })) }],
    )
  t.deepEqual(commands(edit), ['nsenter --net=/run/netns/h1c1 ip link set eth0 arp on'])
})

test('a filter of tc is deleted by its number, an ifb that is down set up', (t) => {
  const filter = {
    link: 'eth0',
    direction: 'ingress',
    kind: 'matchall',
    protocol: 'all',
    keys: [],
    text: 'filter x',
  } as const
  const filtered =
    (more: object): Edit =>
    (cluster) =>
      withHost(cluster, 'h2', ({ links }) => ({
        links: [...links, { index: 78, name: 'ifb0', kind: 'ifb', mtu: 1500, flags: [], operstate: 'DOWN' }],
        trafficControl: { qdiscs: [], filters: [{ ...filter, action: 'drop', preference: 9, ...more }] },
      }))
  t.deepEqual(commands(filtered({})), ['tc filter del dev eth0 ingress protocol all pref 9'])
  t.deepEqual(commands(filtered({ action: 'redirect', redirectedTo: 'ifb0' })), ['ip link set ifb0 up'])
})

test('a queue that nobody reads lets packets by, its rule stays', (t) => {
  const words = ['-j', 'NFQUEUE', '--queue-num', '0']
  const queue = {
    by: 'x',
    byPolicy: false,
    world: 'iptables-nft',
    chain: 'filter/FORWARD',
    words,
    position: 1,
  } as const
  t.deepEqual(
    removalFixes(queue, { host: 'h1', network: '' }).map(({ command }) => command),
    ['iptables -t filter -R FORWARD 1 -j NFQUEUE --queue-num 0 --queue-bypass'],
  )
})
