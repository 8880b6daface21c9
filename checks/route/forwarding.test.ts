import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './forwarding.ts'

function set(cluster: ClusterSnapshot, value: string): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ sysctls }) => ({
    sysctls: new Map(sysctls).set('net.ipv4.ip_forward', value),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'disabled',
      cluster: () => set(buildCluster({ hosts: 2, backend: 'host-gw' }), '0'),
      findings: ['h1 disabled sysctl net.ipv4.ip_forward'],
    },
  ],
})

test('a setting that was not read is neither right nor wrong', (t) => {
  const cluster = withHost(buildCluster({ hosts: 1, backend: 'udp' }), 'h1', () => ({ sysctls: new Map() }))
  t.deepEqual(
    evaluate(cluster, [check], 0).map(({ outcome, reason }) => `${outcome}: ${reason}`),
    ['inconclusive: net.ipv4.ip_forward was not read'],
  )
})
