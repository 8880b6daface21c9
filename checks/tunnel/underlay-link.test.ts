import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { Link } from '../model/link.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './underlay-link.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })

/** The cluster with another underlay link of the VTEP of h1. */
function over(cluster: ClusterSnapshot, underlay: string | undefined): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ links }) => ({
    links: links.map((link): Link => {
      if (!link.vxlan) return link
      const { underlay: _, ...rest } = link.vxlan
      return { ...link, vxlan: { ...rest, ...present({ underlay }) } }
    }),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'bound to no link', cluster: () => over(vxlan, undefined) },
    ...recordedCases(['v0.6.2-vxlan', 'v0.7.0-vxlan', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'bound to the container bridge: wrong',
      cluster: () => over(vxlan, 'docker0'),
      findings: ['h1 wrong link flannel.1'],
    },
  ],
})
