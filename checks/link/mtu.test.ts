import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { EARLY_TUNNELS, recordedCases, testCheck } from '../tester.ts'
import { check } from './mtu.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const udp = buildCluster({ hosts: 2, backend: 'udp' })

/** The cluster with other MTUs on links of h1, bytes. */
function sized(cluster: ClusterSnapshot, mtus: Readonly<Record<string, number>>): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ links }) => ({
    links: links.map((link) => ({ ...link, mtu: mtus[link.name] ?? link.mtu })),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'udp', cluster: () => udp },
    { name: 'jumbo underlay on one host', cluster: () => sized(vxlan, { eth0: 9000, 'flannel.1': 8950 }) },
    { name: 'small underlay', cluster: () => sized(vxlan, { eth0: 1400, 'flannel.1': 1350 }) },
    {
      name: 'Backend.MTU',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', config: { mtu: 1400 } }),
    },
    ...recordedCases(EARLY_TUNNELS),
  ],
  fails: [
    {
      name: 'the underlay MTU was lowered after the link was made: differs',
      cluster: () => sized(vxlan, { eth0: 1400 }),
      findings: ['h1 differs link flannel.1'],
    },
    {
      name: 'the link has the MTU of the underlay',
      cluster: () => sized(vxlan, { 'flannel.1': 1500 }),
      findings: ['h1 differs link flannel.1'],
    },
    {
      name: 'the tun link is smaller',
      cluster: () => sized(udp, { flannel0: 1400 }),
      findings: ['h1 differs link flannel0'],
    },
  ],
})
