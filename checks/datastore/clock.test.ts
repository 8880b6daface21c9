import test from 'ava'
import { BUILT_AT, buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './clock.ts'

/** h2 with a clock that is behind by so many seconds. */
function behind(seconds: number, version = 'v0.10.0'): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 3, backend: 'vxlan', version }), 'h2', ({ kernel }) => ({
    kernel: { ...kernel, clockSeconds: BUILT_AT / 1000 - seconds },
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'clocks agree', cluster: () => behind(0) },
    { name: 'as long as a collection takes', cluster: () => behind(20) },
    { name: 'v3 does not mind', cluster: () => behind(7200, 'v0.28.9') },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
  ],
  fails: [
    { name: 'skewed: two hours behind', cluster: () => behind(7200), findings: ['h2 skewed clock'] },
    { name: 'skewed: ahead', cluster: () => behind(-7200), findings: ['h2 skewed clock'] },
    { name: 'drifting: five minutes behind', cluster: () => behind(300), findings: ['h2 drifting clock'] },
  ],
})
