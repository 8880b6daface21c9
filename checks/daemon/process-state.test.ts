import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './process-state.ts'

function stopped(backend: 'vxlan' | 'udp', version = 'v0.28.9'): ClusterSnapshot {
  const one = { pid: 100, argv: ['flanneld'], environment: {}, isStopped: true, version } as const
  return withHost(buildCluster({ hosts: 2, backend }), 'h1', () => ({ flanneld: { processes: [one] } }))
}

testCheck(test, check, {
  passes: (['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
    name: backend,
    cluster: () => buildCluster({ hosts: 2, backend }),
  })),
  fails: [
    { name: 'udp', cluster: () => stopped('udp'), findings: ['h1 stopped flanneld'] },
    { name: 'vxlan', cluster: () => stopped('vxlan'), findings: ['h1 paused flanneld'] },
    {
      name: 'vxlan of v0.7.0, whose kernel asks flanneld for peers',
      cluster: () => stopped('vxlan', 'v0.7.0'),
      findings: ['h1 stopped flanneld'],
    },
  ],
})
