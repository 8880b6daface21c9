import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './age.ts'

interface Times {
  readonly age?: number
  readonly uptime?: number
  /** Seconds before the end of the collection. */
  readonly written?: number
}

function withTimes({ age = 3600, uptime = 7200, written = 3590 }: Times): ClusterSnapshot {
  const cluster = buildCluster({ hosts: 1, backend: 'vxlan' })
  return withHost(cluster, 'h1', ({ subnetEnv, kernel, flanneld: { processes } }) => ({
    kernel: { ...kernel, uptimeSeconds: uptime },
    subnetEnv: { ...subnetEnv, modifiedAt: (kernel.clockSeconds ?? 0) - written },
    flanneld: { processes: processes.map((process) => ({ ...process, ageSeconds: age })) },
  }))
}

function withOwnFile(): ClusterSnapshot {
  return withHost(withTimes({}), 'h1', ({ subnetEnv }) => ({
    subnetEnv: { ...subnetEnv, writtenElsewhere: '/run/other.env' },
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'written after the start', cluster: () => withTimes({}) },
    { name: 'rounded', cluster: () => withTimes({ written: 3605 }) },
    { name: 'flanneld has just started', cluster: () => withTimes({ age: 20, written: 3600 }) },
    {
      name: 'written before the boot, perhaps by a clock not yet set',
      cluster: () => withTimes({ written: 90_000 }),
    },
    ...recordedCases(['v0.28.9-vxlan', 'v0.28.9-host-gw', 'v0.28.9-udp']),
  ],
  fails: [
    {
      name: 'flanneld writes another file',
      cluster: withOwnFile,
      findings: ['h1 written-elsewhere file /run/flannel/subnet.env'],
    },
    {
      name: 'written by an earlier run',
      cluster: () => withTimes({ written: 5000 }),
      findings: ['h1 older-than-daemon /run/flannel/subnet.env'],
    },
  ],
})
