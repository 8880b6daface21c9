import test from 'ava'
import { buildCluster, withConfig, withLeases } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './backend.ts'

/** The vxlan cluster with the type of h2's lease replaced. */
function withType(backendType: string): ClusterSnapshot {
  return withLeases(buildCluster({ hosts: 3, backend: 'vxlan' }), (leases) =>
    leases.map((lease, at) => (at === 1 ? { ...lease, backendType } : lease)),
  )
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 3, backend }),
    })),
    ...recordedCases(['v0.6.2-udp', 'v0.7.0-host-gw', 'v0.10.0-vxlan']),
  ],
  fails: [
    {
      name: 'one host still on host-gw',
      cluster: () => withType('host-gw'),
      findings: ['h2 mixed lease 10.2.2.0/24'],
    },
    {
      name: 'Backend changed, no host restarted',
      cluster: () =>
        withConfig(buildCluster({ hosts: 3, backend: 'host-gw' }), {
          backend: 'vxlan',
          backendType: 'vxlan',
        }),
      findings: ['- all-differ leases'],
    },
  ],
})

test('a type that ends with a blank stands in quotes, and no other', (t) => {
  const messages = ['vxlan ', 'host-gw'].map((type) => {
    const results = evaluate(withType(type), [check], 0)
    return results.flatMap(({ findings }) => findings.map(({ message }) => message)).join()
  })
  t.regex(messages[0] ?? '', /is of backend "vxlan ", the network of vxlan:/)
  t.regex(messages[1] ?? '', /is of backend host-gw, the network of vxlan:/)
})
