import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './foreign-vxlan.ts'

const healthy = () => buildCluster({ hosts: 2, backend: 'vxlan' })

/** h1 whose flannel.1 is replaced by a link of another program. */
function foreign(vni: number, port: number, isAlone = true): ClusterSnapshot {
  return withHost(healthy(), 'h1', ({ links }) => ({
    links: links.flatMap((link) => {
      if (link.vxlan === undefined) return [link]
      const other = { ...link, index: 9, name: 'vxother', vxlan: { ...link.vxlan, vni, port } }
      return isAlone ? [other] : [link, other]
    }),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'flannel alone', cluster: healthy },
    { name: 'another VNI beside flannel', cluster: () => foreign(42, 8472, false) },
    { name: 'another port, flannel missing', cluster: () => foreign(1, 4789) },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    { name: 'conflicting', cluster: () => foreign(1, 8472), findings: ['h1 conflicting link vxother'] },
  ],
})
