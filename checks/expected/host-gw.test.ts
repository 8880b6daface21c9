import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { formatAddress, formatPrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { isExpected } from './expected.ts'
import { expectedHost } from './expected-host.ts'

function routes(cluster: ClusterSnapshot): string[] {
  const found = expectedHost(cluster, 'h1')
  if (!isExpected(found)) throw new Error(found.reason)
  return found.routes.map(
    ({ destination, gateway, link, onlink }) =>
      `${formatPrefix(destination)} via ${formatAddress(gateway ?? 0)} dev ${link}${onlink ? ' onlink' : ''}`,
  )
}

const HOST_GW = buildCluster({ hosts: 3, backend: 'host-gw' })
const ROUTES = ['10.2.2.0/24 via 172.20.0.2 dev eth0', '10.2.3.0/24 via 172.20.0.3 dev eth0']

for (const version of ['v0.6.2', 'v0.10.0', 'v0.28.9']) {
  test(`${version} writes one route per peer and nothing else`, (t) => {
    const cluster = buildCluster({ hosts: 3, backend: 'host-gw', version })
    t.deepEqual(routes(cluster), ROUTES)
    const found = expectedHost(cluster, 'h1')
    t.like(found, { neighbours: [], fdb: [], subnetEnv: { mtu: 1500 } })
    if (!isExpected(found)) return
    t.is(found.link, undefined)
    t.is(found.udpPort, undefined)
    t.true(found.peers.every(({ direct }) => direct))
  })
}

test('leases of another type, or with the own public IP, get no route', (t) => {
  const cluster = withLeases(HOST_GW, (leases) =>
    leases.map((lease, index) =>
      index === 1 ? { ...lease, backendType: 'vxlan' } : { ...lease, publicIp: 0xac140001 },
    ),
  )
  t.deepEqual(routes(cluster), [])
})

test('up to v0.9.1 the kernel chooses the link by the gateway, later flannel names its own', (t) => {
  const second = (version: string) =>
    withHost(buildCluster({ hosts: 2, backend: 'host-gw', version }), 'h1', ({ routes: all }) => ({
      routes: [
        ...all,
        {
          destination: { address: 0xac140002, length: 32 },
          type: 'unicast',
          table: 'main',
          link: 'eth1',
          metric: 0,
          flags: [],
        },
      ],
    }))
  t.deepEqual(routes(second('v0.9.1')), ['10.2.2.0/24 via 172.20.0.2 dev eth1'])
  t.deepEqual(routes(second('v0.10.0')), ['10.2.2.0/24 via 172.20.0.2 dev eth0'])
})

test('without any underlay link there is a reason', (t) => {
  const cluster = withHost(HOST_GW, 'h1', ({ links }) => ({
    links: links.filter(({ name }) => name !== 'eth0'),
  }))
  t.like(expectedHost(cluster, 'h1'), { cause: 'ambiguous', reason: 'the underlay link is not known' })
})
