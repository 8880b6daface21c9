import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { FdbEntry } from '../model/fdb.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './peer-vtep.ts'

const MAC = '0e:2a:00:00:00:02'
const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })

/** The cluster with the FDB entry of h1 for h2 edited. */
function edited(cluster: ClusterSnapshot, edit: (entry: FdbEntry) => readonly FdbEntry[]): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ fdb }) => ({
    fdb: fdb.flatMap((entry) => (entry.mac === MAC ? edit(entry) : [entry])),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'v0.6.2', cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.6.2' }) },
    {
      name: 'DirectRouting, none wanted',
      cluster: () => buildCluster({ hosts: 3, backend: 'vxlan', config: { directRouting: true } }),
    },
    {
      name: 'DirectRouting over two underlay subnets',
      cluster: () =>
        buildCluster({ hosts: 4, backend: 'vxlan', underlays: 2, config: { directRouting: true } }),
    },
    {
      name: 'the entry of a former MAC left behind',
      cluster: () => edited(vxlan, (entry) => [entry, { ...entry, mac: '0a:00:00:00:00:99' }]),
    },
    {
      name: 'bound to the external link, which is where it goes anyhow',
      cluster: () => edited(vxlan, (entry) => [{ ...entry, via: 'eth0' }]),
    },
    ...recordedCases(['v0.6.2-vxlan', 'v0.7.0-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'recorded v0.20.0, a lease h1 never programmed',
      cluster: () => recordedCluster('v0.20.0-vxlan-missed-lease'),
      findings: ['h1 missing FDB entry 06:21:ae:eb:54:2e'],
    },
    {
      name: 'by a nexthop object',
      cluster: () => edited(vxlan, ({ destination: _, ...entry }) => [{ ...entry, nexthop: 10 }]),
      findings: [`h1 wrong-destination FDB entry ${MAC}`],
    },
    { name: 'missing', cluster: () => edited(vxlan, () => []), findings: [`h1 missing FDB entry ${MAC}`] },
    {
      name: 'only the entry of a former MAC',
      cluster: () => edited(vxlan, (entry) => [{ ...entry, mac: '0a:00:00:00:00:99' }]),
      findings: [`h1 missing FDB entry ${MAC}`],
    },
    {
      name: 'wrong-destination',
      cluster: () => edited(vxlan, (entry) => [{ ...entry, destination: '172.20.9.9' }]),
      findings: [`h1 wrong-destination FDB entry ${MAC}`],
    },
    ...[{ port: 4789 }, { vni: 77 }, { via: 'docker0' }].map((own) => ({
      name: `wrong-destination: with ${JSON.stringify(own)} of its own`,
      cluster: () => edited(vxlan, (entry) => [{ ...entry, ...own }]),
      findings: [`h1 wrong-destination FDB entry ${MAC}`],
    })),
  ],
})
