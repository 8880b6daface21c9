import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './time-to-live.ts'

/** h1 with a lease of so many seconds and a flanneld with these flags. */
function built(ttlSeconds: number, flags: readonly string[] = []): ClusterSnapshot {
  const cluster = buildCluster({ hosts: 2, backend: 'vxlan' })
  const timed = withLeases(cluster, (leases) =>
    leases.map((lease, at) => (at === 0 ? { ...lease, ttlSeconds } : lease)),
  )
  return withHost(timed, 'h1', ({ flanneld }) => ({
    flanneld: { processes: flanneld.processes.map((one) => ({ ...one, argv: [...one.argv, ...flags] })) },
  }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 2, backend }),
    })),
    { name: 'renewal just due', cluster: () => built(3599) },
    { name: 'a small margin', cluster: () => built(1200, ['-subnet-lease-renew-margin=10']) },
    {
      name: 'a reservation without expiry',
      cluster: () =>
        withLeases(buildCluster({ hosts: 2, backend: 'vxlan' }), (leases) =>
          leases.map(({ ttlSeconds: _, ...lease }) => lease),
        ),
    },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    { name: 'half an hour left', cluster: () => built(1800), findings: ['h1 expiring lease 10.2.1.0/24'] },
    {
      name: 'below a large margin',
      cluster: () => built(36_000, ['-subnet-lease-renew-margin', '1000']),
      findings: ['h1 expiring lease 10.2.1.0/24'],
    },
  ],
})
