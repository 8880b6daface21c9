import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './mtu.ts'

type BackendName = 'vxlan' | 'host-gw' | 'udp'

/** h1 with another MTU in the file, and on the external link where one is given. */
function withMtu(backend: BackendName, mtu: number, underlay = 1500): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 2, backend }), 'h1', ({ subnetEnv, links }) => ({
    subnetEnv: { ...subnetEnv, mtu },
    links: links.map((link) => (link.name === 'eth0' ? { ...link, mtu: underlay } : link)),
  }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 2, backend }),
    })),
    { name: 'jumbo frames', cluster: () => withMtu('vxlan', 8950, 9000) },
    {
      name: 'the MTU option of the backend',
      cluster: () => buildCluster({ hosts: 2, backend: 'vxlan', config: { mtu: 1400 } }),
    },
    ...recordedCases(['v0.6.2-udp', 'v0.7.0-vxlan', 'v0.10.0-host-gw']),
  ],
  fails: [
    {
      name: 'no room for vxlan',
      cluster: () => withMtu('vxlan', 1500),
      findings: ['h1 wrong FLANNEL_MTU'],
    },
    { name: 'no room for udp', cluster: () => withMtu('udp', 1500), findings: ['h1 wrong FLANNEL_MTU'] },
    {
      name: 'the link got smaller after the start',
      cluster: () => withMtu('host-gw', 1500, 1400),
      findings: ['h1 wrong FLANNEL_MTU'],
    },
    {
      name: 'the link got larger after the start',
      cluster: () => withMtu('vxlan', 1450, 9000),
      findings: ['h1 smaller-than-needed FLANNEL_MTU'],
    },
  ],
})

test('a smaller MTU loses nothing and is for information only', (t) => {
  const cluster = withMtu('vxlan', 1450, 9000)
  const [finding] = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
  t.is(finding?.severity, 'info')
})
