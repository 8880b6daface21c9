import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { Lease } from '../model/lease.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './peer-subnet.ts'

const H2 = 0x0a020200
const HALF_OF_H2: Lease = {
  key: '/coreos.com/network/subnets/10.2.2.128-25',
  subnet: { address: 0x0a020280, length: 25 },
  publicIp: 0xac14004d,
  backendType: 'host-gw',
  revision: 9,
}
const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const hostGw = buildCluster({ hosts: 3, backend: 'host-gw' })
const direct = { hosts: 4, backend: 'vxlan', underlays: 2, config: { directRouting: true } } as const

/** The cluster with flannel's routes of h1 edited; kernel routes are left alone. */
function edited(cluster: ClusterSnapshot, edit: (route: Route) => readonly Route[]): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ routes }) => ({
    routes: routes.flatMap((route) =>
      route.protocol === 'boot' && route.destination.length === 24 ? edit(route) : [route],
    ),
  }))
}

/** The same for the route to 10.2.2.0/24 of h2 only. */
function towardsH2(cluster: ClusterSnapshot, edit: (route: Route) => readonly Route[]): ClusterSnapshot {
  return edited(cluster, (route) => (route.destination.address === H2 ? edit(route) : [route]))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => hostGw },
    { name: 'DirectRouting over two underlay subnets', cluster: () => buildCluster(direct) },
    {
      name: 'v0.8.0, one route for the network',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.8.0' }),
    },
    { name: 'a single host', cluster: () => buildCluster({ hosts: 1, backend: 'vxlan' }) },
    {
      name: 'another subnet length',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', config: { subnetLength: 28 } }),
    },
    {
      name: 'an unreadable lease of the peer without route',
      cluster: () =>
        withLeases(
          towardsH2(vxlan, () => []),
          (leases) => ({
            leases: leases.filter((_, at) => at !== 1),
            unreadable: [{ key: 'k', subnet: { address: H2, length: 24 }, problem: 'not JSON' }],
          }),
        ),
    },
    ...recordedCases([
      'v0.6.2-vxlan',
      'v0.7.0-vxlan',
      'v0.10.0-vxlan',
      'v0.6.2-host-gw',
      'v0.7.0-host-gw',
      'v0.10.0-host-gw',
    ]),
  ],
  fails: [
    {
      name: 'recorded v0.20.0, a lease h1 never programmed',
      cluster: () => recordedCluster('v0.20.0-vxlan-missed-lease'),
      findings: ['h1 missing route 10.2.68.0/24'],
    },
    {
      name: 'missing',
      cluster: () => towardsH2(vxlan, () => []),
      findings: ['h1 missing route 10.2.2.0/24'],
    },
    {
      name: 'missing for host-gw',
      cluster: () => towardsH2(hostGw, () => []),
      findings: ['h1 missing route 10.2.2.0/24'],
    },
    {
      name: 'only in another table',
      cluster: () => towardsH2(vxlan, (route) => [{ ...route, table: '100' }]),
      findings: ['h1 missing route 10.2.2.0/24'],
    },
    {
      name: 'none after the link was down',
      cluster: () => edited(vxlan, () => []),
      findings: ['h1 none link flannel.1', 'h1 missing route 10.2.2.0/24', 'h1 missing route 10.2.3.0/24'],
    },
    {
      name: 'the only peer, which is one missing route and not none',
      cluster: () => edited(buildCluster({ hosts: 2, backend: 'vxlan' }), () => []),
      findings: ['h1 missing route 10.2.2.0/24'],
    },
    {
      name: 'wrong-gateway of host-gw: the public IP of the peer changed',
      cluster: () => towardsH2(hostGw, (route) => [{ ...route, gateway: 0xac140909 }]),
      findings: ['h1 wrong-gateway route 10.2.2.0/24'],
    },
    ...[
      { code: 'wrong-link', other: { link: 'eth0', gateway: 0xac140001 } },
      { code: 'wrong-gateway', other: { gateway: 0x0a020300 } },
    ].map(({ code, other }) => ({
      name: `${code}: one of two next hops`,
      cluster: () =>
        towardsH2(vxlan, (route) => [
          { ...route, isBalanced: true as const },
          { ...route, ...other, isBalanced: true as const },
        ]),
      findings: [`h1 ${code} route 10.2.2.0/24`],
    })),
    {
      name: 'wrong-link: a bridge has the subnet of the peer',
      cluster: () => towardsH2(vxlan, ({ gateway: _, ...route }) => [{ ...route, link: 'docker0' }]),
      findings: ['h1 wrong-link route 10.2.2.0/24'],
    },
    {
      name: 'a blackhole in its place',
      cluster: () =>
        towardsH2(vxlan, ({ gateway: _, link: __, ...route }) => [{ ...route, type: 'blackhole' }]),
      findings: ['h1 wrong-link route 10.2.2.0/24'],
    },
  ],
})

test('a route that would give away a part of any host’s subnet is not advised', (t) => {
  const cluster = withLeases(hostGw, (leases) => [...leases, HALF_OF_H2])
  const found = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
  t.deepEqual(
    found.map(({ subject, fixes }) => [subject.host, fixes.length]),
    [
      ['h1', 0],
      ['h2', 0],
      ['h3', 0],
    ],
  )
  for (const { fix } of found) t.regex(fix, /^Do not add the route: 10\.2\.2\.128\/25 overlaps/)
  const lost = towardsH2(hostGw, () => [])
  const [route] = evaluate(lost, [check], lost.window.to).flatMap(({ findings }) => findings)
  t.regex(route?.fixes[0]?.command ?? '', /^ip route replace 10\.2\.2\.0\/24 via 172\.20\.0\.2 /)
})
