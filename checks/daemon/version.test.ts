import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './version.ts'

function withVersion(cluster: ClusterSnapshot, host: string, version: string): ClusterSnapshot {
  return withHost(cluster, host, ({ flanneld }) => ({
    flanneld: { processes: flanneld.processes.map((one) => ({ ...one, version })) },
  }))
}

const built = (vni = 1) => buildCluster({ hosts: 2, backend: 'vxlan', config: { vni } })

testCheck(test, check, {
  passes: [
    { name: 'one version', cluster: () => built() },
    { name: 'a single host', cluster: () => buildCluster({ hosts: 1, backend: 'host-gw' }) },
    { name: 'a large VNI everywhere', cluster: () => built(70_000) },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
    { name: 'recorded v0.28.9', cluster: () => recordedCluster('v0.28.9-udp') },
  ],
  fails: [
    {
      name: 'known-defect: v0.20.2 misses leases',
      cluster: () => withVersion(buildCluster({ hosts: 1, backend: 'vxlan' }), 'h1', 'v0.20.2'),
      findings: ['h1 known-defect flanneld'],
    },
    {
      name: 'known-defect: v0.28.8 loses the watch of its own lease',
      cluster: () => withVersion(buildCluster({ hosts: 1, backend: 'vxlan' }), 'h1', 'v0.28.8'),
      findings: ['h1 known-defect flanneld'],
    },
    {
      name: 'not-known-yet: v0.28.10',
      cluster: () => withVersion(buildCluster({ hosts: 1, backend: 'vxlan' }), 'h1', 'v0.28.10'),
      findings: ['h1 not-known-yet flanneld'],
    },
    {
      name: 'mixed: two versions that work together',
      cluster: () => withVersion(built(), 'h2', 'v0.17.0'),
      findings: ['- mixed flanneld'],
    },
    {
      name: 'vni-unreadable: v0.22.3 beside v0.28.9 with VNI 70000',
      cluster: () => withVersion(built(70_000), 'h2', 'v0.22.3'),
      findings: ['- mixed flanneld', 'h2 known-defect flanneld', 'h2 vni-unreadable flanneld'],
    },
    {
      name: 'mixed: the same with a VNI that fits',
      cluster: () => withVersion(built(4096), 'h2', 'v0.22.3'),
      findings: ['- mixed flanneld', 'h2 known-defect flanneld'],
    },
  ],
})
