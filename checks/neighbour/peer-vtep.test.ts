import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { Neighbour } from '../model/neighbour.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './peer-vtep.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })

/** The cluster with the neighbour of h1 for h2 (10.2.2.0) edited. */
function edited(cluster: ClusterSnapshot, edit: (entry: Neighbour) => readonly Neighbour[]): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ neighbours }) => ({
    neighbours: neighbours.flatMap((entry) => (entry.address === '10.2.2.0' ? edit(entry) : [entry])),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    {
      name: 'v0.8.0, neighbours on demand',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.8.0' }),
    },
    {
      name: 'DirectRouting, none wanted',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', config: { directRouting: true } }),
    },
    { name: 'a single host', cluster: () => buildCluster({ hosts: 1, backend: 'vxlan' }) },
    {
      name: 'an unreadable lease of the peer without entry',
      cluster: () =>
        withLeases(
          edited(vxlan, () => []),
          (leases) => ({
            leases: leases.filter((_, at) => at !== 1),
            unreadable: [{ key: 'k', subnet: { address: 0x0a020200, length: 24 }, problem: 'not JSON' }],
          }),
        ),
    },
    ...recordedCases(['v0.6.2-vxlan', 'v0.7.0-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'recorded v0.20.0, a lease h1 never programmed',
      cluster: () => recordedCluster('v0.20.0-vxlan-missed-lease'),
      findings: ['h1 missing neighbour 10.2.68.0'],
    },
    { name: 'missing', cluster: () => edited(vxlan, () => []), findings: ['h1 missing neighbour 10.2.2.0'] },
    {
      name: 'asked by ARP in vain',
      cluster: () => edited(vxlan, ({ address, link }) => [{ address, link, states: ['INCOMPLETE'] }]),
      findings: ['h1 missing neighbour 10.2.2.0'],
    },
    {
      name: 'the same address on another link',
      cluster: () => edited(vxlan, (entry) => [{ ...entry, link: 'eth0' }]),
      findings: ['h1 missing neighbour 10.2.2.0'],
    },
    {
      name: 'wrong-mac',
      cluster: () => edited(vxlan, (entry) => [{ ...entry, mac: '0a:00:00:00:00:99' }]),
      findings: ['h1 wrong-mac neighbour 10.2.2.0'],
    },
    {
      name: 'not-permanent',
      cluster: () => edited(vxlan, (entry) => [{ ...entry, states: ['STALE'] }]),
      findings: ['h1 not-permanent neighbour 10.2.2.0'],
    },
  ],
})
