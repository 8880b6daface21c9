import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { withContainer, withPort } from '../../fixtures/containers-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './container-mtu.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })

/** h1 with this MTU inside its container. */
function withMtu(cluster: typeof vxlan, mtu: number): typeof vxlan {
  return withContainer(cluster, (container) => [
    { ...container, links: container.links.map((link) => ({ ...link, mtu })) },
  ])
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw, 1500', cluster: () => withMtu(buildCluster({ hosts: 2, backend: 'host-gw' }), 1500) },
    { name: 'recorded', cluster: () => recordedCluster('v0.10.0-udp') },
    {
      name: 'smaller, at both ends',
      cluster: () => withPort(withMtu(vxlan, 1280), (port) => [{ ...port, mtu: 1280 }]),
    },
    {
      name: 'a container of another bridge',
      cluster: () => withPort(withMtu(vxlan, 1500), (port) => [{ ...port, master: 'br-1' }]),
    },
  ],
  fails: [
    {
      name: 'smaller-than-port',
      cluster: () => withMtu(vxlan, 1280),
      findings: ['h1 smaller-than-port link eth0 of container h1c1'],
    },
    {
      name: 'too-large',
      cluster: () => withMtu(vxlan, 1500),
      findings: ['h1 too-large link eth0 of container h1c1'],
    },
  ],
})
