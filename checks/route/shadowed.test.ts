import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { Route } from '../model/route.ts'
import { route } from '../model/route-for-tests.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './shadowed.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const first = buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.6.2' })
const hostGw = buildCluster({ hosts: 3, backend: 'host-gw' })

/** The cluster with one more route on h1, before all others. */
function adding(cluster: ClusterSnapshot, destination: string, more: Partial<Route> = {}): ClusterSnapshot {
  const first = route(destination, { link: 'tun0', ...more })
  return withHost(cluster, 'h1', ({ routes }) => ({ routes: [first, ...routes] }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'vxlan of v0.6.2', cluster: () => first },
    {
      name: 'vxlan of v0.8.0',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.8.0' }),
    },
    { name: 'host-gw', cluster: () => hostGw },
    { name: 'udp', cluster: () => buildCluster({ hosts: 3, backend: 'udp' }) },
    { name: 'udp of v0.10.0', cluster: () => buildCluster({ hosts: 3, backend: 'udp', version: 'v0.10.0' }) },
    {
      name: 'DirectRouting',
      cluster: () =>
        buildCluster({ hosts: 4, backend: 'vxlan', underlays: 2, config: { directRouting: true } }),
    },
    { name: 'a wider route elsewhere', cluster: () => adding(vxlan, '10.2.0.0/17') },
    {
      name: 'a part of the subnet in another table',
      cluster: () => adding(vxlan, '10.2.2.9/32', { table: '100' }),
    },
    {
      name: 'a part of the subnet by the same link and gateway',
      cluster: () => adding(vxlan, '10.2.2.9/32', { link: 'flannel.1', gateway: 0x0a020200 }),
    },
    { name: 'a part of the own subnet', cluster: () => adding(vxlan, '10.2.1.9/32') },
    {
      name: 'the same subnet with a worse metric',
      cluster: () => adding(vxlan, '10.2.2.0/24', { metric: 100 }),
    },
    {
      name: 'the route is missing, which has a finding of its own',
      cluster: () =>
        withHost(adding(vxlan, '10.2.2.0/24'), 'h1', ({ routes }) => ({
          routes: routes.filter(({ gateway }) => gateway !== 0x0a020200),
        })),
    },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'a part of it by another gateway on the same link',
      cluster: () => adding(hostGw, '10.2.2.128/25', { link: 'eth0', gateway: 0xc0a8b1fe }),
      findings: ['h1 shadowed route 10.2.2.0/24'],
    },
    {
      name: 'shadowed by one address',
      cluster: () => adding(vxlan, '10.2.2.9/32'),
      findings: ['h1 shadowed route 10.2.2.0/24'],
    },
    {
      name: 'shadowed by half of it',
      cluster: () => adding(hostGw, '10.2.2.128/25'),
      findings: ['h1 shadowed route 10.2.2.0/24'],
    },
    {
      name: 'by an equal route placed first',
      cluster: () => adding(vxlan, '10.2.2.0/24'),
      findings: ['h1 shadowed route 10.2.2.0/24'],
    },
    {
      name: 'by an equal route with another gateway on the same link',
      cluster: () => adding(hostGw, '10.2.2.0/24', { link: 'eth0', gateway: 0xac140909 }),
      findings: ['h1 shadowed route 10.2.2.0/24'],
    },
    {
      name: 'an address of the peer’s subnet on this host',
      cluster: () => adding(vxlan, '10.2.2.9/32', { type: 'local', table: 'local', link: 'kube-ipvs0' }),
      findings: ['h1 shadowed route 10.2.2.0/24'],
    },
    {
      name: 'a blackhole for one address',
      cluster: () => adding(vxlan, '10.2.2.9/32', { type: 'blackhole' }),
      findings: ['h1 shadowed route 10.2.2.0/24'],
    },
    {
      name: 'v0.6.2: half of the network elsewhere, for every peer in it',
      cluster: () => adding(first, '10.2.0.0/17'),
      findings: ['h1 shadowed route 10.2.2.0/24', 'h1 shadowed route 10.2.3.0/24'],
    },
  ],
})
