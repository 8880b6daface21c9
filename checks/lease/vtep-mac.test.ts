import test from 'ava'
import { buildCluster, withLeases } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './vtep-mac.ts'

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => buildCluster({ hosts: 3, backend: 'vxlan' }) },
    { name: 'a thousand hosts', cluster: () => buildCluster({ hosts: 1000, backend: 'vxlan' }) },
    {
      name: 'leases without a MAC',
      cluster: () =>
        withLeases(buildCluster({ hosts: 3, backend: 'vxlan' }), (leases) =>
          leases.map(({ vtepMac: _, ...lease }) => lease),
        ),
    },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'a cloned machine',
      cluster: () =>
        withLeases(buildCluster({ hosts: 3, backend: 'vxlan' }), (leases) =>
          leases.map((lease) => ({ ...lease, vtepMac: leases[0]?.vtepMac ?? '' })).slice(0, 2),
        ),
      findings: ['h1 duplicate VTEP MAC 0e:2a:00:00:00:01'],
    },
  ],
})
