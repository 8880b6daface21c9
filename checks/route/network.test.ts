import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { EARLY_TUNNELS, recordedCases, testCheck } from '../tester.ts'
import { check } from './network.ts'

const first = buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.6.2' })
const udp = buildCluster({ hosts: 2, backend: 'udp' })

/** The cluster with the network's route of h1 edited. */
function edited(cluster: ClusterSnapshot, edit: (route: Route) => readonly Route[]): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ routes }) => ({
    routes: routes.flatMap((route) =>
      route.destination.length === 16 && route.link?.startsWith('flannel') ? edit(route) : [route],
    ),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan of v0.6.2', cluster: () => first },
    {
      name: 'vxlan of v0.8.0',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.8.0' }),
    },
    { name: 'vxlan with a route per peer', cluster: () => buildCluster({ hosts: 3, backend: 'vxlan' }) },
    { name: 'udp', cluster: () => udp },
    { name: 'udp of v0.10.0', cluster: () => buildCluster({ hosts: 2, backend: 'udp', version: 'v0.10.0' }) },
    ...recordedCases(EARLY_TUNNELS),
  ],
  fails: [
    { name: 'missing', cluster: () => edited(first, () => []), findings: ['h1 missing route 10.2.0.0/16'] },
    {
      name: 'missing for udp',
      cluster: () => edited(udp, () => []),
      findings: ['h1 missing route 10.2.0.0/16'],
    },
    {
      name: 'wrong-link: a VPN took the network',
      cluster: () => edited(udp, (route) => [{ ...route, link: 'tun0' }]),
      findings: ['h1 wrong-link route 10.2.0.0/16'],
    },
  ],
})
