/**
 * One test per clause, and pings between all containers, against a target: with
 * FLANNEL_DOCTOR_INVENTORY=hosts.yaml that network, which is only read unless it is a lab or
 * FLANNEL_DOCTOR_DISRUPTIVE=1 is set; otherwise a lab of its own (FLANNEL_DOCTOR_BACKEND, vxlan).
 * FLANNEL_DOCTOR_STRICT=1 makes a SHOULD count like a MUST.
 */
import test, { type ExecutionContext, type ImplementationFn } from 'ava'
import type { ReportClause } from '../reports/document/certificate.ts'
import type { Report } from '../reports/document/report.ts'
import { labOf } from '../runners/conformance/act.ts'
import { conformanceReport } from '../runners/conformance/conformance-run.ts'
import { pingContainerMesh } from '../runners/conformance/container-mesh-for-tests.ts'
import { loadInventory } from '../runners/inventory/inventory.ts'
import { withLab } from '../runners/lab/build/up.ts'
import type { LabBackend } from '../runners/lab/plan/plan-config.ts'
import { collectCluster } from '../runners/run/collecting/collect-cluster.ts'
import { needs } from '../runners/test-needs.ts'
import { countingLevels } from './clauses/claim.ts'
import type { Clause } from './clauses/clause.ts'
import { CLAUSES } from './clauses/registry.ts'
import type { PingObservation } from './model/observation.ts'
import { present } from './model/present.ts'

const { FLANNEL_DOCTOR_INVENTORY, FLANNEL_DOCTOR_DISRUPTIVE, FLANNEL_DOCTOR_STRICT, FLANNEL_DOCTOR_BACKEND } =
  process.env
const strict = FLANNEL_DOCTOR_STRICT === '1'
const counting = countingLevels(strict)
/** Actions on a lab take two to three minutes on an idle machine. */
const RUN_MS = 20 * 60_000
const CONTAINERS_PER_HOST = 2

const against: (title: string, implementation: ImplementationFn<[]>) => void =
  FLANNEL_DOCTOR_INVENTORY === undefined
    ? needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
    : test.serial

interface Measured {
  readonly report: Report
  readonly pings: readonly PingObservation[]
}

async function measure(file: string): Promise<Measured> {
  const inventory = await loadInventory(file)
  const lab = await labOf(file)
  const collection = { concurrency: 8, signal: AbortSignal.timeout(RUN_MS) }
  const { snapshot } = await collectCluster(inventory, collection)
  const pings = await pingContainerMesh(snapshot, inventory, collection)
  const report = await conformanceReport(inventory, {
    profiles: [],
    strict,
    acts: lab !== undefined || FLANNEL_DOCTOR_DISRUPTIVE === '1',
    ...present({ lab }),
    collection,
    say: (line) => process.stderr.write(`# ${line}\n`),
  })
  return { report, pings }
}

async function measureOwnLab(): Promise<Measured> {
  const backend = (FLANNEL_DOCTOR_BACKEND ?? 'vxlan') as LabBackend
  return withLab({ backend, containersPerHost: CONTAINERS_PER_HOST }, ({ inventory }) => measure(inventory))
}

let running: Promise<Measured> | undefined
/** Everything is collected, pinged and acted once, by the first test that asks. */
function measured(): Promise<Measured> {
  running ??= FLANNEL_DOCTOR_INVENTORY === undefined ? measureOwnLab() : measure(FLANNEL_DOCTOR_INVENTORY)
  return running
}

function findingsText({ status, reason, breaches }: ReportClause): string {
  const places = breaches.map(({ code, message, fix }) => `${code}: ${message} Fix: ${fix}`)
  return [status, ...(reason === undefined ? [] : [reason]), ...places].join('\n')
}

async function proves(t: ExecutionContext, { id, level, profiles }: Clause): Promise<void> {
  const { report } = await measured()
  const seen = report.conformance.flatMap(({ clauses }) => clauses).find((clause) => clause.id === id)
  if (seen === undefined) {
    const outside = report.conformance.flatMap((claim) => claim.outside).find((clause) => clause.id === id)
    t.log(`not judged: ${outside?.reason ?? 'no profile that applies asks for it'}`)
    const isAsked = report.conformance.some(({ profile }) => profiles.some((own) => own === profile))
    t.is(
      outside !== undefined,
      isAsked,
      'a clause that a claimed profile asks for is judged or outside of it',
    )
    return
  }
  if (seen.reason !== undefined) t.log(`${seen.status}: ${seen.reason}`)
  const isOpen = seen.status === 'not-tested' && report.certificate?.acted !== true
  t.true(seen.status === 'met' || isOpen || !counting.includes(level), findingsText(seen))
}

for (const clause of CLAUSES) {
  against(`${clause.id} ${clause.level} ${clause.says}`, async (t) => {
    t.timeout(RUN_MS)
    await proves(t, clause)
  })
}

against(
  'every container reaches every other one, both ways, small and as large as the MTU allows',
  async (t) => {
    t.timeout(RUN_MS)
    const { pings } = await measured()
    t.true(pings.length > 0, 'there are no two containers')
    for (const { from, to, size, sent, received, problem, command } of pings) {
      const path = `${from.host}/${from.container} to ${to.host}/${to.container}, ${size} bytes`
      t.true(
        sent > 0 && received === sent,
        `${path}: ${problem?.detail ?? `${received} of ${sent}`} (${command})`,
      )
    }
  },
)
