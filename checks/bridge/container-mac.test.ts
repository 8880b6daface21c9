import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { withContainer, withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './container-mac.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })

const links = vxlan.hosts.get('h1')?.facts.links
const bridgeMac = links?.known ? links.value.find(({ kind }) => kind === 'bridge')?.mac : undefined

/** Two containers of h1, the second with this MAC, or with that of the first. */
function two(mac?: string): ClusterSnapshot {
  const cluster = withSecondContainer(vxlan, {})
  const own = vxlan.hosts.get('h1')?.facts.containers
  const first = own?.known ? own.value[0]?.links[0]?.mac : undefined
  return withContainer(cluster, (container) => [
    container.name === 'h1c2'
      ? { ...container, links: container.links.map((link) => ({ ...link, mac: mac ?? first ?? '' })) }
      : container,
  ])
}

testCheck(test, check, {
  passes: [
    { name: 'one container', cluster: () => vxlan },
    { name: 'two with MACs of their own', cluster: () => two('06:c2:00:00:00:77') },
    {
      name: 'one container found twice',
      cluster: () => withContainer(vxlan, (container) => [container, { ...container, name: 'again' }]),
    },
    { name: 'recorded', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    { name: 'two with one MAC', cluster: () => two(), findings: ['h1 shared container h1c2'] },
    {
      name: 'one with that of the bridge',
      cluster: () => two(bridgeMac),
      findings: ['h1 shared container h1c2'],
    },
  ],
})
