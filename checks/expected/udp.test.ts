import test from 'ava'
import { type BuildOptions, buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { formatPrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { expected } from './expected-for-tests.ts'

function built(options: Partial<BuildOptions> = {}): ClusterSnapshot {
  return buildCluster({ hosts: 3, backend: 'udp', ...options })
}

for (const [version, address] of [
  ['v0.6.2', '10.2.1.0/16'],
  ['v0.10.0', '10.2.1.0/16'],
  ['v0.11.0', '10.2.1.0/32'],
  ['v0.28.9', '10.2.1.0/32'],
] as const) {
  test(`${version} puts ${address} on the tun link and writes one network route`, (t) => {
    const state = expected(built({ version }))
    t.like(state.link, { name: 'flannel0', kind: 'tun', mtu: 1472, mac: undefined, vxlan: undefined })
    t.is(state.link && formatPrefix(state.link.address), address)
    t.deepEqual(
      state.routes.map(({ destination, link, onlink, gateway }) => [
        formatPrefix(destination),
        link,
        onlink,
        gateway,
      ]),
      [['10.2.0.0/16', 'flannel0', false, undefined]],
    )
    t.like(state, { neighbours: [], fdb: [], udpPort: 8285, subnetEnv: { mtu: 1472 } })
  })
}

test('the port comes from the configuration', (t) => {
  t.is(expected(built({ config: { port: 9000 } })).udpPort, 9000)
})

test('every lease is a peer, whatever its backend type', (t) => {
  const cluster = withLeases(built(), (leases) => leases.map((lease) => ({ ...lease, backendType: 'vxlan' })))
  t.is(expected(cluster).peers.length, 2)
})

test('the tun link with the own address counts, whatever its number', (t) => {
  const renamed = withHost(built(), 'h1', ({ links, addresses }) => ({
    links: links.map((link) => (link.name === 'flannel0' ? { ...link, name: 'flannel3' } : link)),
    addresses: addresses.map((one) => (one.link === 'flannel0' ? { ...one, link: 'flannel3' } : one)),
  }))
  t.is(expected(renamed).link?.name, 'flannel3')
  const gone = withHost(built(), 'h1', ({ links }) => ({
    links: links.filter(({ name }) => name !== 'flannel0'),
  }))
  t.is(expected(gone).link?.name, 'flannel0')
})
