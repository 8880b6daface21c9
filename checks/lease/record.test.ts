import test from 'ava'
import { buildCluster, withHost, withLeases } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { UnreadableLease } from '../model/lease.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './record.ts'

const GARBAGE: UnreadableLease = {
  key: '/coreos.com/network/subnets/garbage',
  problem: 'the key is not of the form A.B.C.D-LENGTH',
}

function withUnreadable(version: string, record: UnreadableLease): ClusterSnapshot {
  return withLeases(buildCluster({ hosts: 2, backend: 'vxlan', version }), (leases) => ({
    leases,
    unreadable: [record],
  }))
}

const NO_JSON: UnreadableLease = {
  key: '/coreos.com/network/subnets/10.2.9.0-24',
  subnet: { address: 0x0a020900, length: 24 },
  problem: 'not JSON: "{"PublicIP": 12"',
}

/** h1 without any entry for its peers. */
function withoutPeers(cluster: ClusterSnapshot): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ routes }) => ({
    routes: routes.filter(({ flags, gateway }) => !flags.includes('onlink') && gateway !== 0xac140002),
    neighbours: [],
    fdb: [],
  }))
}

function broken(backend: 'vxlan' | 'host-gw' | 'udp', records: readonly UnreadableLease[]): ClusterSnapshot {
  return withLeases(withoutPeers(buildCluster({ hosts: 2, backend })), (leases) => ({
    leases,
    unreadable: records,
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'only leases', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    {
      name: 'only leases, v0.10.0',
      cluster: () => buildCluster({ hosts: 2, backend: 'udp', version: 'v0.10.0' }),
    },
    { name: 'peers are gone, the records are good', cluster: () => broken('vxlan', []) },
  ],
  fails: [
    {
      name: 'unreadable: a value that is no JSON, and no peer left',
      cluster: () => broken('vxlan', [NO_JSON]),
      findings: [`- unreadable record ${NO_JSON.key}`],
    },
    {
      name: 'unreadable: two records, host-gw without its route',
      cluster: () => broken('host-gw', [GARBAGE, NO_JSON]),
      findings: [`- unreadable record ${GARBAGE.key}`],
    },
    {
      name: 'unreadable: udp, whose peers nobody sees',
      cluster: () => broken('udp', [NO_JSON]),
      findings: [`- unreadable record ${NO_JSON.key}`],
    },
    {
      name: 'a key that is no subnet, read by v0.10.0',
      cluster: () => withUnreadable('v0.10.0', GARBAGE),
      findings: [`- blocks-watch record ${GARBAGE.key}`],
    },
    {
      name: 'a key that is no subnet, read by v0.28.9',
      cluster: () => withUnreadable('v0.28.9', GARBAGE),
      findings: [`- damaged record ${GARBAGE.key}`],
    },
    {
      name: 'a lease with a broken value',
      cluster: () => withUnreadable('v0.10.0', NO_JSON),
      findings: [`- damaged record ${NO_JSON.key}`],
    },
    {
      name: 'lost peers of v0.20.2, which goes on after such a record, are not blamed on it',
      cluster: () => {
        const old = withoutPeers(buildCluster({ hosts: 2, backend: 'vxlan', version: 'v0.20.2' }))
        return withLeases(old, (leases) => ({ leases, unreadable: [NO_JSON] }))
      },
      findings: [`- damaged record ${NO_JSON.key}`],
    },
  ],
})

test('all records that cannot be read are named and deleted before any flanneld reads them again', (t) => {
  const snapshot = broken('vxlan', [GARBAGE, NO_JSON])
  const [result] = evaluate(snapshot, [check], snapshot.window.to)
  const [finding] = result?.findings ?? []
  t.regex(finding?.message ?? '', /^record \S+garbage cannot .*; one more cannot be read: \S+10\.2\.9\.0-24$/)
  t.regex(finding?.fix ?? '', /^Delete the key \S+garbage and those of the other records, then restart/)
  const commands = (finding?.fixes ?? []).map(({ command }) => command)
  t.deepEqual(
    commands.flatMap((command) => /del (\S+)$/.exec(command)?.[1] ?? []),
    [GARBAGE.key, NO_JSON.key],
  )
  t.regex(commands[2] ?? '', /flanneld/)
  const many = broken(
    'vxlan',
    Array.from({ length: 30 }, (_, at) => ({ ...GARBAGE, key: `/k${at}` })),
  )
  const [whole] = evaluate(many, [check], many.window.to)
  t.regex(whole?.findings[0]?.message ?? '', /; 29 more cannot be read: \/k1, \/k2, \/k3, \/k4, …$/)
  t.deepEqual(whole?.findings[0]?.fixes, [])
})
