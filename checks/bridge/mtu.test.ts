import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './mtu.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })

/** h1 with this MTU on docker0. */
function withMtu(cluster: typeof vxlan, mtu: number): typeof vxlan {
  return withHost(cluster, 'h1', ({ links }) => ({
    links: links.map((link) => (link.name === 'docker0' ? { ...link, mtu } : link)),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw, 1500', cluster: () => withMtu(buildCluster({ hosts: 2, backend: 'host-gw' }), 1500) },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    { name: 'real dockerd', cluster: () => recordedCluster('v0.10.0-vxlan-docker') },
    { name: 'smaller than it could be', cluster: () => withMtu(vxlan, 1400) },
    {
      name: '1500 on a bridge without ports',
      cluster: () =>
        withHost(withMtu(vxlan, 1500), 'h1', ({ links }) => ({
          links: links.filter(({ master }) => master === undefined),
        })),
    },
  ],
  fails: [
    {
      name: 'too-large over vxlan',
      cluster: () => withMtu(vxlan, 1500),
      findings: ['h1 too-large link docker0'],
    },
    {
      name: 'too-large over udp: the MTU of vxlan is enough, one more than udp carries is not',
      cluster: () => withMtu(buildCluster({ hosts: 2, backend: 'udp' }), 1473),
      findings: ['h1 too-large link docker0'],
    },
  ],
})
