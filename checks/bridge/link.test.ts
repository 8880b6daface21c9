import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { withDocker } from '../../fixtures/docker-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { Link } from '../model/link.ts'
import { testCheck } from '../tester.ts'
import { check } from './link.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })

/** h1 with docker0 edited; ports keep or lose their master as the kernel does. */
function withBridge(cluster: typeof vxlan, edit: (bridge: Link) => readonly Link[]): typeof vxlan {
  return withHost(cluster, 'h1', ({ links, addresses }) => {
    const edited = links.flatMap((link) => (link.name === 'docker0' ? edit(link) : [link]))
    if (edited.some(({ name }) => name === 'docker0')) return { links: edited }
    const freed = edited.map(({ master: _, ...link }) => link)
    return { links: freed, addresses: addresses.filter(({ link }) => link !== 'docker0') }
  })
}

const down = (link: Link): Link => ({ ...link, flags: ['BROADCAST', 'MULTICAST'], operstate: 'DOWN' })

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'recorded', cluster: () => recordedCluster('v0.10.0-udp') },
    {
      name: 'no bridge, no container, no Docker',
      cluster: () =>
        withHost(
          withBridge(vxlan, () => []),
          'h1',
          () => ({ containers: [] }),
        ),
    },
    {
      name: 'an unused docker0 that is down',
      cluster: () =>
        withHost(
          withBridge(vxlan, (link) => [down(link)]),
          'h1',
          ({ links }) => ({
            links: links.filter(({ master }) => master === undefined),
            containers: [],
          }),
        ),
    },
    {
      name: 'up without carrier',
      cluster: () =>
        withBridge(vxlan, (link) => [{ ...link, flags: ['NO-CARRIER', 'UP'], operstate: 'DOWN' }]),
    },
    { name: 'Docker runs', cluster: () => withDocker(vxlan) },
    { name: 'Docker runs without a default bridge', cluster: () => withDocker(vxlan, { networks: [] }) },
  ],
  fails: [
    {
      name: 'missing: containers with nothing to hang on',
      cluster: () => withBridge(vxlan, () => []),
      findings: ['h1 missing link docker0'],
    },
    {
      name: 'missing: Docker runs, its bridge was deleted',
      cluster: () => withDocker(withBridge(vxlan, () => [])),
      findings: ['h1 missing link docker0'],
    },
    {
      name: 'down',
      cluster: () => withBridge(vxlan, (link) => [down(link)]),
      findings: ['h1 down link docker0'],
    },
  ],
})
