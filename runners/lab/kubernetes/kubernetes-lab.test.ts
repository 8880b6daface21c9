/** Labs of Kubernetes: up and healthy, each fault found first and healed, and nothing left behind. */
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import type { LabVariant } from '../../../fixtures/lab.ts'
import { KUBERNETES_LABS } from '../../../fixtures/labs/index.ts'
import { isAsExpected } from '../../../reports/matrix/matrix.ts'
import { killGroup, open } from '../../hosts/command/spawn.ts'
import { needs } from '../../test-needs.ts'
import { sweep } from '../build/down.ts'
import { type Ledger, labDirectory, readLedger } from '../ledger/ledger.ts'
import { runFaults } from '../matrix/matrix-faults.ts'
import { judgeVariant } from '../matrix/variant.ts'
import { remainsOf } from './lab-remains-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

const LABS_MS = 900_000
const EVERYDAY = ['kubernetes-vxlan', 'kubernetes-host-gw']

async function isHealthy(t: ExecutionContext, variant: LabVariant): Promise<void> {
  t.timeout(LABS_MS)
  const { verdict, findings, undecided, report } = await judgeVariant(variant)
  t.deepEqual({ findings, undecided }, { findings: [], undecided: [] })
  t.is(verdict, 'healthy')
  // A verdict over nothing would be healthy too.
  t.true(report.results.filter(({ outcome }) => outcome === 'pass').length > 40)
}

for (const variant of KUBERNETES_LABS.filter(({ id }) => EVERYDAY.includes(id))) {
  live(`${variant.title}: pods of all nodes reach each other, and nothing is said against it`, (t) =>
    isHealthy(t, variant),
  )
}

const FAULTS = [
  'subnet-env-missing',
  'cni-bridge-of-former-pod-cidr',
  'node-registered-again',
  'node-public-ip-stale',
  'node-pod-cidr-duplicate',
  'cni-config-other-first',
  'cni-plugin-missing',
  'cni-addresses-used-up',
  'forward-drop-chain',
  'fdb-entry-deleted',
  'node-left-while-flanneld-down',
]

live(`each of ${FAULTS.length} faults is the first cause, alone, and can be undone`, async (t) => {
  t.timeout(LABS_MS)
  const signal = AbortSignal.timeout(LABS_MS)
  const say = (line: string): void => t.log(line)
  const rows = await runFaults({ backend: 'vxlan', kubernetes: true, faults: FAULTS, signal, say })
  t.deepEqual(rows.map(({ fault }) => fault).toSorted(), FAULTS.toSorted())
  t.deepEqual(
    rows.filter((row) => !isAsExpected(row) || row.note !== undefined),
    [],
  )
})

live(
  'a maker killed while it brings a cluster up, or when it is up, leaves nothing after a sweep',
  async (t) => {
    t.timeout(LABS_MS)
    const up = new URL('../build/up.ts', import.meta.url)
    for (const ms of [600, 2500, undefined]) {
      const name = `killed-${process.pid}-${ms ?? 'up'}`
      const code = `const { withLab } = await import('${up}')
      await withLab({ name: '${name}', kubernetes: true, hosts: 2 }, () => new Promise((r) => setTimeout(r, 600_000)))`
      const making = await open([process.execPath, '--input-type=module', '-e', code])
      const ledger = () => readLedger(labDirectory(name))
      const isThere = () => (ms === undefined ? ledger()?.ready === true : ledger() !== undefined)
      while (!isThere()) await setTimeout(20)
      await setTimeout(ms ?? 0)
      const before = ledger() as Ledger
      killGroup(making.pid, 'SIGKILL')
      await making.ended
      await sweep()
      const left = { folder: existsSync(labDirectory(name)), rest: remainsOf(before) }
      t.deepEqual(left, { folder: false, rest: [] }, `${ms ?? 'up'}`)
    }
  },
)
