import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { VxlanAttributes } from '../model/link.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './options.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })

/** The cluster with other attributes of the VTEP of h1. */
function having(cluster: ClusterSnapshot, attributes: Partial<VxlanAttributes>): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ links }) => ({
    links: links.map((link) => (link.vxlan ? { ...link, vxlan: { ...link.vxlan, ...attributes } } : link)),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    {
      name: 'GBP and learning everywhere',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', config: { gbp: true, learning: true } }),
    },
    ...recordedCases(['v0.6.2-vxlan', 'v0.7.0-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'GBP on one host',
      cluster: () => having(vxlan, { gbp: true }),
      findings: ['h1 gbp-differs link flannel.1'],
    },
    {
      name: 'learning on one host',
      cluster: () => having(vxlan, { learning: true }),
      findings: ['h1 learning-differs link flannel.1'],
    },
  ],
})
