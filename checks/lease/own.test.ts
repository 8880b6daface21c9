import test from 'ava'
import { buildCluster, withHost, withLeases, withoutFact } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './own.ts'

type BackendName = 'vxlan' | 'host-gw' | 'udp'

const healthy = (backend: BackendName = 'vxlan') => buildCluster({ hosts: 3, backend })

function withoutLease(cluster: ClusterSnapshot, number: number): ClusterSnapshot {
  return withLeases(cluster, (leases) => leases.filter((_, at) => at !== number - 1))
}

function withoutFlanneld(cluster: ClusterSnapshot, host: string): ClusterSnapshot {
  return withHost(cluster, host, () => ({ flanneld: { processes: [] } }))
}

/** h1 lost its lease to h2, which took the subnet over with its own public IP and VTEP. */
function stolen(): ClusterSnapshot {
  return withLeases(buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.10.0' }), (leases) => {
    const [first, second, ...rest] = leases
    return first && second ? [{ ...second, key: first.key, subnet: first.subnet }, ...rest] : leases
  })
}

/** flanneld of h2 got no lease and ended; its bridge and its log are left. */
function endedWithoutLease(): ClusterSnapshot {
  const gone = withoutFact(withoutFlanneld(withoutLease(healthy(), 2), 'h2'), 'h2', {
    name: 'subnetEnv',
    why: 'missing',
  })
  const text = 'Error registering network: failed to acquire lease: etcdserver: mvcc: database space exceeded'
  return withHost(gone, 'h2', () => ({
    flanneldLog: { tails: [{ from: 'journal', name: 'flanneld.service', lines: [{ raw: text, text }] }] },
  }))
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((name) => ({ name, cluster: () => healthy(name) })),
    { name: 'a single host', cluster: () => buildCluster({ hosts: 1, backend: 'vxlan' }) },
    ...recordedCases(['v0.6.2-udp', 'v0.7.0-vxlan', 'v0.10.0-host-gw']),
  ],
  fails: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((name) => ({
      name: `lease removed from etcd, ${name}`,
      cluster: () => withoutLease(healthy(name), 2),
      findings: ['h2 missing lease 10.2.2.0/24'],
    })),
    {
      name: 'lease removed and flanneld gone with it',
      cluster: () => withoutFlanneld(withoutLease(healthy(), 2), 'h2'),
      findings: ['h2 missing lease 10.2.2.0/24'],
    },
    {
      name: 'flanneld runs and never got a lease',
      cluster: () => withoutFact(withoutLease(healthy(), 2), 'h2', { name: 'subnetEnv', why: 'missing' }),
      findings: ['h2 missing lease of 172.20.0.2'],
    },
    {
      name: 'flanneld ended before it had a lease',
      cluster: endedWithoutLease,
      findings: ['h2 missing lease of 172.20.0.2'],
    },
    { name: 'lease taken by another host', cluster: stolen, findings: ['h1 taken lease 10.2.1.0/24'] },
  ],
})

test('a host on which flannel was never started is not part of the network', (t) => {
  const bare = withoutFact(withoutFlanneld(withoutLease(healthy(), 2), 'h2'), 'h2', {
    name: 'subnetEnv',
    why: 'missing',
  })
  const result = evaluate(bare, [check], bare.window.to).find(({ host }) => host === 'h2')
  t.is(result?.outcome, 'inconclusive')
  t.regex(result?.reason ?? '', /not part of the network/)
})

test('an own lease that cannot be read is not a missing one', (t) => {
  const broken = withLeases(healthy(), (leases) => ({
    leases: leases.slice(1),
    unreadable: leases.slice(0, 1).map(({ key, subnet }) => ({ key, subnet, problem: 'not JSON' })),
  }))
  const result = evaluate(broken, [check], broken.window.to).find(({ host }) => host === 'h1')
  t.is(result?.outcome, 'inconclusive')
  t.regex(result?.reason ?? '', /not JSON/)
})
