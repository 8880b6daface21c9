import test from 'ava'
import { buildCluster, withLeases } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import { parsePrefix } from '../model/address.ts'
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

testCheck(test, check, {
  passes: [
    { name: 'only leases', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    {
      name: 'only leases, v0.10.0',
      cluster: () => buildCluster({ hosts: 2, backend: 'udp', version: 'v0.10.0' }),
    },
  ],
  fails: [
    {
      name: 'a key that is no subnet, read by v0.10.0',
      cluster: () => withUnreadable('v0.10.0', GARBAGE),
      findings: [`- blocks-watch record ${GARBAGE.key}`],
    },
  ],
})

const subnet = parsePrefix('10.2.9.0/24') ?? { address: 0, length: 0 }
const brokenValue: UnreadableLease = {
  key: '/coreos.com/network/subnets/10.2.9.0-24',
  subnet,
  problem: 'the value has no PublicIP',
}

for (const [name, version, record] of [
  ['a key that is no subnet, read by v0.28.9', 'v0.28.9', GARBAGE],
  ['a lease with a broken value', 'v0.10.0', brokenValue],
] as const) {
  test(`${name} is neither passed nor failed`, (t) => {
    const cluster = withUnreadable(version, record)
    const [result] = evaluate(cluster, [check], cluster.window.to)
    t.is(result?.outcome, 'inconclusive')
    t.true(result?.reason?.includes(record.problem))
  })
}
