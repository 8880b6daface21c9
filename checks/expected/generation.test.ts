import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import type { LinkAddress } from '../model/link.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { Route } from '../model/route.ts'
import { compareVersions, generationOf, isSince, parseVersion } from './generation.ts'

const { config } = buildCluster({ hosts: 1, backend: 'vxlan' }).datastore
const VXLAN = (config as { readonly value: NetworkConfig }).value

function address(link: string, length: number): LinkAddress {
  return { link, family: 'inet', address: '10.2.4.0', length, scope: 'global' }
}

const NETWORK_ROUTE: Route = {
  destination: VXLAN.network,
  type: 'unicast',
  table: 'main',
  link: 'flannel.1',
  metric: 0,
  flags: [],
}

test('versions are read as flanneld prints them', (t) => {
  t.deepEqual(parseVersion('v0.28.9'), [0, 28, 9])
  t.deepEqual(parseVersion('0.7.1\n'), [0, 7, 1])
  t.deepEqual(parseVersion('v0.14.0-rc1'), [0, 14, 0])
  for (const text of ['dev', '', 'v0.28', 'v1.2.3x', 'flannel v0.7.0']) {
    t.is(parseVersion(text), undefined, text)
  }
})

test('versions compare by number, not by text', (t) => {
  t.true((compareVersions('v0.9.0', 'v0.10.0') ?? 0) < 0)
  t.is(compareVersions('v0.10.0', '0.10.0'), 0)
  t.is(compareVersions('dev', 'v0.10.0'), undefined)
  t.true(isSince('v0.28.9', 'v0.9.0'))
  t.false(isSince('v0.8.0', 'v0.9.0'))
  t.is(isSince(undefined, 'v0.9.0'), undefined)
})

const BY_VERSION = [
  ['v0.6.2', 'network-address', 'network-address'],
  ['v0.7.0', 'network-route', 'network-address'],
  ['v0.8.0', 'network-route', 'network-address'],
  ['v0.9.0', 'per-peer', 'network-address'],
  ['v0.10.0', 'per-peer', 'network-address'],
  ['v0.11.0', 'per-peer', 'network-route'],
  ['v0.28.9', 'per-peer', 'network-route'],
] as const

for (const [version, vxlan, udp] of BY_VERSION) {
  test(`${version} writes ${vxlan} for vxlan and ${udp} for udp`, (t) => {
    const generation = generationOf(version, { addresses: [address('flannel.1', 16)], routes: [] }, VXLAN)
    t.deepEqual(generation, { version, vxlan, udp, inferred: false })
  })
}

test('without a version the VTEP address and the network route tell the design', (t) => {
  const infer = (length: number, routes: readonly Route[]) =>
    generationOf('dev', { addresses: [address('flannel.1', length)], routes }, VXLAN)
  t.deepEqual(infer(16, []), { vxlan: 'network-address', udp: 'network-route', inferred: true })
  t.is(infer(32, [NETWORK_ROUTE]).vxlan, 'network-route')
  t.is(infer(32, []).vxlan, 'per-peer')
  t.is(infer(32, [{ ...NETWORK_ROUTE, link: 'eth0' }]).vxlan, 'per-peer')
  t.is(infer(32, [{ ...NETWORK_ROUTE, table: '100' }]).vxlan, 'per-peer')
})

test('without a version the tun address tells the udp design', (t) => {
  const infer = (length: number) =>
    generationOf(undefined, { addresses: [address('flannel0', length)], routes: [] }, VXLAN).udp
  t.is(infer(16), 'network-address')
  t.is(infer(32), 'network-route')
})

test('a lease of etcd v3, or one with a VNI, can only be of the newest design', (t) => {
  const old = { addresses: [address('flannel.1', 16), address('flannel0', 16)], routes: [] }
  for (const trace of [{ api: 'v3' }, { leaseVni: 1 }] as const) {
    const generation = generationOf(undefined, { ...old, ...trace }, VXLAN)
    t.deepEqual(generation, { vxlan: 'per-peer', udp: 'network-route', inferred: true })
  }
})
