import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './stale-subnet.ts'

const H3 = { address: 0x0a020300, length: 24 }
const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const hostGw = buildCluster({ hosts: 3, backend: 'host-gw' })

/** The lease of h3 is gone; h3 itself is left out of the snapshot. */
function withoutH3(cluster: ClusterSnapshot): ClusterSnapshot {
  const gone = withLeases(cluster, (leases) => leases.slice(0, 2))
  return { ...gone, hosts: new Map([...gone.hosts].filter(([host]) => host !== 'h3')) }
}

function adding(
  cluster: ClusterSnapshot,
  route: Partial<Route> & Pick<Route, 'destination'>,
): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ routes }) => ({
    routes: [...routes, { type: 'unicast', table: 'main', metric: 0, flags: [], protocol: 'boot', ...route }],
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    {
      name: 'vxlan of v0.6.2',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.6.2' }),
    },
    {
      name: 'vxlan of v0.8.0',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.8.0' }),
    },
    { name: 'host-gw', cluster: () => hostGw },
    { name: 'udp', cluster: () => buildCluster({ hosts: 3, backend: 'udp' }) },
    {
      name: 'an unreadable lease is not no lease',
      cluster: () => {
        const [h1, h2] = [vxlan.hosts.get('h1'), vxlan.hosts.get('h2')]
        const table = withLeases(vxlan, (leases) => ({
          leases: leases.slice(0, 2),
          unreadable: [{ key: 'k', subnet: H3, problem: 'not JSON' }],
        }))
        return {
          ...table,
          hosts: new Map([h1, h2].flatMap((host) => (host ? [[host.host, host] as const] : []))),
        }
      },
    },
    {
      name: 'a route by the external link that has not the shape of flannel',
      cluster: () =>
        adding(hostGw, {
          destination: { address: 0x0a02c800, length: 22 },
          gateway: 0xac140063,
          link: 'eth0',
        }),
    },
    {
      name: 'the network route of an older version left behind',
      cluster: () => adding(vxlan, { destination: { address: 0x0a020000, length: 16 }, link: 'flannel.1' }),
    },
    {
      name: 'the bridge of another subnet of the network',
      cluster: () =>
        adding(vxlan, {
          destination: { address: 0x0a02c800, length: 24 },
          link: 'br-0123456789ab',
          protocol: 'kernel',
        }),
    },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'vxlan, the lease went while flanneld was down: stale',
      cluster: () => withoutH3(vxlan),
      findings: ['h1 stale route 10.2.3.0/24', 'h2 stale route 10.2.3.0/24'],
    },
    {
      name: 'host-gw, the same',
      cluster: () => withoutH3(hostGw),
      findings: ['h1 stale route 10.2.3.0/24', 'h2 stale route 10.2.3.0/24'],
    },
    {
      name: 'a route of another subnet length, left from a former configuration',
      cluster: () =>
        adding(vxlan, {
          destination: { address: 0x0a02c810, length: 28 },
          gateway: 0x0a02c810,
          link: 'flannel.1',
        }),
      findings: ['h1 stale route 10.2.200.16/28'],
    },
  ],
})
