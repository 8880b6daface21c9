/** Faults injected into real labs: found, ranked first, nothing else said, and gone when healed. */

import test from 'ava'
import { type FaultRow, isAsExpected } from '../../../reports/matrix/matrix.ts'
import { needs } from '../../test-needs.ts'
import type { LabBackend } from '../plan/plan-config.ts'
import { chooseFaults } from './chosen-faults.ts'
import { runFaults } from './matrix-faults.ts'
import { samplePairs } from './matrix-pairs.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

const SUBSET: readonly (readonly [LabBackend, readonly string[]])[] = [
  [
    'vxlan',
    [
      'route-deleted',
      'fdb-entry-deleted',
      'neighbour-mac-changed',
      'ip-forward-off',
      'bridge-on-other-subnet',
      'bridge-mtu-too-large',
      'forward-policy-drop',
      'subnet-env-of-another-lease',
      'lease-removed',
      'duplicate-public-ip',
      'flannel-link-deleted',
      'second-bridge-same-subnet',
    ],
  ],
  ['host-gw', ['route-deleted', 'peer-behind-router', 'underlay-forwarding-off', 'lease-removed']],
  ['udp', ['network-route-deleted', 'flanneld-killed', 'overlay-port-dropped', 'duplicate-public-ip']],
]

for (const [backend, faults] of SUBSET) {
  live(
    `${backend}: each of ${faults.length} faults is the first cause, alone, and can be undone`,
    async (t) => {
      t.timeout(120_000)
      const signal = AbortSignal.timeout(110_000)
      const rows = await runFaults({ backend, faults, signal, say: (line) => t.log(line) })
      t.deepEqual(rows.map(({ fault }) => fault).toSorted(), faults.toSorted())
      const wrong = rows.filter((row: FaultRow) => !isAsExpected(row) || row.note !== undefined)
      t.deepEqual(wrong, [])
    },
  )
}

test('pairs are the same in every run, of different causes, and of one host each', (t) => {
  const faults = chooseFaults({ backend: 'vxlan', faults: [] })
  const pairs = samplePairs(faults, 40)
  t.is(pairs.length, 40)
  t.deepEqual(samplePairs(faults, 40), pairs)
  for (const [a, b] of pairs) {
    t.not(a, b)
    t.true(!a.wide && !b.wide)
    t.notDeepEqual(a.expect.cause, b.expect.cause)
  }
})
