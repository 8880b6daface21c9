import test from 'ava'
import { type BuildOptions, buildCluster, withHost, withLeases, withoutFact } from '../../fixtures/build.ts'
import { formatAddress, formatPrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { ExpectedHost } from './expected.ts'
import { expected } from './expected-for-tests.ts'

function built(options: Partial<BuildOptions> = {}): ClusterSnapshot {
  return buildCluster({ hosts: 3, backend: 'vxlan', ...options })
}

/** The entries as iproute2 would print them. */
function lines({ routes, neighbours, fdb }: ExpectedHost): string[] {
  return [
    ...routes.map(({ destination, gateway, link, onlink }) =>
      [
        formatPrefix(destination),
        ...(gateway === undefined ? [] : ['via', formatAddress(gateway)]),
        'dev',
        link,
        ...(onlink ? ['onlink'] : []),
      ].join(' '),
    ),
    ...neighbours.map(({ address, link, mac }) => `${address} dev ${link} lladdr ${mac}`),
    ...fdb.map(({ mac, link, destination }) => `${mac} dev ${link} dst ${destination}`),
  ]
}

const FDB = [
  '0e:2a:00:00:00:02 dev flannel.1 dst 172.20.0.2',
  '0e:2a:00:00:00:03 dev flannel.1 dst 172.20.0.3',
]
const PER_PEER = [
  '10.2.2.0/24 via 10.2.2.0 dev flannel.1 onlink',
  '10.2.3.0/24 via 10.2.3.0 dev flannel.1 onlink',
  '10.2.2.0 dev flannel.1 lladdr 0e:2a:00:00:00:02',
  '10.2.3.0 dev flannel.1 lladdr 0e:2a:00:00:00:03',
  ...FDB,
]
const DESIGNS = [
  ['v0.6.2', '10.2.1.0/16', ['10.2.0.0/16 dev flannel.1', ...FDB]],
  ['v0.7.0', '10.2.1.0/32', ['10.2.0.0/16 dev flannel.1', ...FDB]],
  ['v0.8.0', '10.2.1.0/32', ['10.2.0.0/16 dev flannel.1', ...FDB]],
  ['v0.9.0', '10.2.1.0/32', PER_PEER],
  ['v0.17.0', '10.2.1.0/32', PER_PEER],
  ['v0.28.9', '10.2.1.0/32', PER_PEER],
] as const

for (const [version, address, entries] of DESIGNS) {
  test(`${version} puts ${address} on the VTEP and writes ${entries.length} entries`, (t) => {
    const state = expected(built({ version }))
    t.deepEqual(lines(state), [...entries])
    t.is(state.link && formatPrefix(state.link.address), address)
    t.is(state.link?.mac, '0e:2a:00:00:00:01')
  })
}

test('VNI, port, GBP and learning come from the configuration', (t) => {
  const config = { vni: 100, port: 4789, gbp: true, learning: true }
  const state = expected(built({ config }))
  t.is(state.link?.name, 'flannel.100')
  t.like(state.link?.vxlan, { vni: 100, port: 4789, gbp: true, learning: true, underlay: 'eth0' })
  t.is(state.udpPort, 4789)
  t.is(state.routes[0]?.link, 'flannel.100')
  t.false(expected(built({ config, version: 'v0.11.0' })).link?.vxlan?.learning)
})

const MTU = [
  ['v0.28.9', undefined, 1450],
  ['v0.28.9', 1400, 1350],
  ['v0.28.9', 1500, 1450],
  ['v0.21.3', 9000, 8950],
  ['v0.21.2', 1400, 1450],
  ['v0.6.2', 1400, 1450],
] as const

for (const [version, mtu, result] of MTU) {
  test(`${version} with MTU option ${mtu} writes ${result}`, (t) => {
    const state = expected(built({ version, config: mtu === undefined ? {} : { mtu } }))
    t.is(state.link?.mtu, result)
    t.is(state.subnetEnv.mtu, result)
  })
}

test('an MTU option under an unknown version leaves the MTU open', (t) => {
  const unknown = (mtu: number) =>
    expected(withoutFact(built({ config: { mtu } }), 'h1', { name: 'flanneld' }))
  t.is(unknown(1400).link?.mtu, undefined)
  t.is(unknown(1400).subnetEnv.mtu, undefined)
  t.is(unknown(1500).link?.mtu, 1450)
})

test('DirectRouting routes on-link peers over the underlay and encapsulates the others', (t) => {
  const state = expected(built({ underlays: 2, config: { directRouting: true } }))
  t.deepEqual(lines(state), [
    '10.2.2.0/24 via 10.2.2.0 dev flannel.1 onlink',
    '10.2.3.0/24 via 172.20.0.3 dev eth0',
    '10.2.2.0 dev flannel.1 lladdr 0e:2a:00:00:00:02',
    '0e:2a:00:00:00:02 dev flannel.1 dst 172.21.0.2',
  ])
  t.deepEqual(
    state.peers.map(({ direct }) => direct),
    [false, true],
  )
})

test('DirectRouting means nothing before v0.9.0', (t) => {
  const state = expected(built({ version: 'v0.7.1', config: { directRouting: true } }))
  t.deepEqual(lines(state), ['10.2.0.0/16 dev flannel.1', ...FDB])
})

test('DirectRouting without the routing table goes by the external link’s own subnet', (t) => {
  const cluster = built({ underlays: 2, config: { directRouting: true } })
  const state = expected(withoutFact(cluster, 'h1', { name: 'routes' }))
  t.deepEqual(lines(state), lines(expected(cluster)))
})

test('a host route via a gateway makes a DirectRouting peer encapsulated again', (t) => {
  const cluster = withHost(built({ config: { directRouting: true } }), 'h1', ({ routes }) => ({
    routes: [
      ...routes,
      {
        destination: { address: 0xac140002, length: 32 },
        type: 'unicast',
        table: 'main',
        gateway: 0xac14fffe,
        link: 'eth0',
        metric: 0,
        flags: [],
      },
    ],
  }))
  t.deepEqual(
    expected(cluster).peers.map(({ direct }) => direct),
    [false, true],
  )
})

test('leases of another backend type are no peers', (t) => {
  const cluster = withLeases(built(), (leases) =>
    leases.map((lease, index) => (index === 1 ? { ...lease, backendType: 'host-gw' } : lease)),
  )
  t.deepEqual(lines(expected(cluster)), [PER_PEER[1], PER_PEER[3], PER_PEER[5]])
})

test('the own lease is left out by subnet, not by public IP', (t) => {
  const cluster = withLeases(built({ hosts: 1 }), (leases) => [
    ...leases,
    ...leases.map((lease) => ({ ...lease, key: 'old', subnet: { address: 0x0a020900, length: 24 } })),
  ])
  t.deepEqual(lines(expected(cluster)), [
    '10.2.9.0/24 via 10.2.9.0 dev flannel.1 onlink',
    '10.2.9.0 dev flannel.1 lladdr 0e:2a:00:00:00:01',
    '0e:2a:00:00:00:01 dev flannel.1 dst 172.20.0.1',
  ])
})

/** Behind NAT: the lease has another address than the link. */
function behindNat(version: string): ClusterSnapshot {
  const leases = withLeases(built({ version }), (all) =>
    all.map((lease, index) => (index === 0 ? { ...lease, publicIp: 0xcb007109 } : lease)),
  )
  return withHost(leases, 'h1', ({ flanneld }) => ({
    flanneld: {
      processes: flanneld.processes.map((one) => ({
        ...one,
        argv: ['flanneld', '-iface=eth0', '-public-ip=203.0.113.9'],
      })),
    },
  }))
}

test('the VTEP is bound to the interface address, from v0.27.4 on to the public IP', (t) => {
  t.deepEqual(expected(behindNat('v0.27.3')).link?.vxlan?.local, ['172.20.0.1'])
  t.deepEqual(expected(behindNat('v0.27.4')).link?.vxlan?.local, ['203.0.113.9'])
  t.is(expected(behindNat('v0.27.4')).externalLink?.name, 'eth0')
})

test('an unknown version may have bound the VTEP to either', (t) => {
  const unknown = withHost(behindNat('v0.28.9'), 'h1', ({ flanneld }) => ({
    flanneld: { processes: flanneld.processes.map(({ version: _, ...one }) => one) },
  }))
  t.deepEqual(expected(unknown).link?.vxlan?.local, ['203.0.113.9', '172.20.0.1'])
})
