import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { parsePrefix } from '../model/address.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './mtu.ts'

/** h1 with a host route to the public IP of h2. */
function toPublicIp(mtu: number, backend: 'vxlan' | 'udp' | 'host-gw' = 'vxlan'): ClusterSnapshot {
  const cluster = buildCluster({ hosts: 2, backend })
  const lease = cluster.datastore.leases.known ? cluster.datastore.leases.value.leases[1] : undefined
  const destination = { address: lease?.publicIp ?? 0, length: 32 }
  const route: Route = {
    destination,
    type: 'unicast',
    table: 'main',
    link: 'eth0',
    metric: 0,
    mtu,
    flags: [],
  }
  return withHost(cluster, 'h1', ({ routes }) => ({ routes: [...routes, route] }))
}

/** h1 whose route to the subnet of h2 has an mtu. */
const toSubnet = (mtu: number): ClusterSnapshot =>
  withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', ({ routes }) => ({
    routes: routes.map((route) => (route.link === 'flannel.1' ? { ...route, mtu } : route)),
  }))

testCheck(test, check, {
  passes: [
    { name: 'a route as large as the link', cluster: () => toPublicIp(1500) },
    { name: 'a route with an mtu elsewhere', cluster: () => elsewhere() },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'smaller-than-underlay: outer packets of vxlan',
      cluster: () => toPublicIp(1400),
      findings: ['h1 smaller-than-underlay route 172.20.0.2/32 dev eth0'],
    },
    {
      name: 'smaller-than-underlay: those of udp',
      cluster: () => toPublicIp(1400, 'udp'),
      findings: ['h1 smaller-than-underlay route 172.20.0.2/32 dev eth0'],
    },
    {
      name: 'smaller-than-overlay',
      cluster: () => toSubnet(1300),
      findings: ['h1 smaller-than-overlay route 10.2.2.0/24 via 10.2.2.0 dev flannel.1'],
    },
  ],
})

function elsewhere(): ClusterSnapshot {
  const destination = parsePrefix('203.0.113.0/24') ?? { address: 0, length: 0 }
  const route: Route = {
    destination,
    type: 'unicast',
    table: 'main',
    link: 'eth0',
    metric: 0,
    mtu: 600,
    flags: [],
  }
  return withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', ({ routes }) => ({
    routes: [...routes, route],
  }))
}
