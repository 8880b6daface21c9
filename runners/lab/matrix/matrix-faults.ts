/** Faults one after another: each injected into a real lab, judged, healed, and the healed lab judged again. */

import { present } from '../../../checks/model/present.ts'
import type { Fault } from '../../../fixtures/fault.ts'
import type { LabSettings } from '../../../fixtures/lab.ts'
import { type FaultRow, isAsExpected, isTraceRight } from '../../../reports/matrix/matrix.ts'
import { fixCell, traceCell } from '../../../reports/matrix/matrix-text.ts'
import { withLab } from '../build/up.ts'
import type { FaultAim } from '../faults/fault-context.ts'
import { heal } from '../faults/heal.ts'
import { inject } from '../faults/inject.ts'
import { LabError } from '../lab-error.ts'
import type { LabOptions } from '../plan/plan.ts'
import type { LabBackend } from '../plan/plan-config.ts'
import { findLab, type LabState } from '../running/state.ts'
import { applyFixes } from './apply-fixes.ts'
import { chooseFaults } from './chosen-faults.ts'
import type { FaultRecording } from './fault-recording.ts'
import { type Look, observe } from './judge-lab.ts'
import { compareFault, seriousCodes } from './matrix-result.ts'
import { traceFault } from './matrix-trace.ts'

/** A daemon's effect shows within a second or two; flannel's own repairs take up to 5 s (iptables-resync). */
const PATIENCE_MS = { fault: 3000, healed: 8000 }

export interface MatrixOptions extends Look {
  readonly backend: LabBackend
  /** In labs whose leases are nodes of Kubernetes. */
  readonly kubernetes?: true
  /** Names of faults; empty takes all that apply to the backend. */
  readonly faults: readonly string[]
  readonly say: (line: string) => void
  /** Each fault gets a fresh lab with numbered subnets, and is recorded in it. */
  readonly recording?: FaultRecording
  /** Pings are followed both ways while each fault lasts. */
  readonly trace?: true
  /** The printed fixes are applied to each fault, before it is healed. */
  readonly fix?: true
}

/** Faults that share a lab: those with the same options; a healed lab keeps new link numbers and MACs, so that none does in a recording. */
function groupsOf(faults: readonly Fault[], { recording }: MatrixOptions): readonly (readonly Fault[])[] {
  if (recording !== undefined) return faults.map((fault) => [fault])
  return [...Map.groupBy(faults, ({ options = {} }) => JSON.stringify(options)).values()]
}

/** Options of a lab for faults. Nodes have subnets by number anyhow. */
export function labFor(options: LabSettings, asked: MatrixOptions): LabOptions {
  const { backend, signal, recording, kubernetes } = asked
  const kind = kubernetes ? { kubernetes } : { numberedSubnets: recording !== undefined }
  return { hosts: 3, ...kind, ...options, backend, signal }
}

/** Waits until a lab has no finding; gives the codes that stay. */
export async function untilClean(lab: LabState, { signal, plugins }: Look): Promise<readonly string[]> {
  const until = { patienceMs: PATIENCE_MS.healed, signal, ...present({ plugins }) }
  return seriousCodes(await observe(lab.name, until, (report) => seriousCodes(report).length === 0))
}

/** Seconds since a value of performance.now(), to the hundredth. */
export function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 10) / 100
}

/** The second host of a lab is broken towards one that is neither it nor the last. */
function aimIn({ hosts }: LabState): FaultAim {
  const [third, victim] = [hosts.at(-1)?.name ?? '', hosts[1]?.name ?? '']
  return { victim, peer: hosts.find(({ name }) => name !== victim && name !== third)?.name ?? third }
}

async function runFault(lab: LabState, fault: Fault, options: MatrixOptions): Promise<FaultRow> {
  const { signal, recording, plugins } = options
  const aim = aimIn(lab)
  const healthy = await recording?.look(lab)
  const startedAt = performance.now()
  await inject(lab.name, fault, aim)
  const until = { patienceMs: PATIENCE_MS.fault, signal, ...present({ plugins }) }
  const report = await observe(lab.name, until, (seen) => isAsExpected(compareFault(fault, seen)))
  const judged = { ...compareFault(fault, report), seconds: secondsSince(startedAt) }
  const broken = await recording?.look(lab)
  const trace = options.trace && (await traceFault(lab.name, fault, { ...aim, signal }))
  const fix = options.fix && (await applyFixes(findLab(lab.name), report, options))
  const row = { ...judged, ...present({ trace, fix }) }
  if (healthy && broken) await recording?.write({ fault, lab, healthy, broken }, row)
  return row
}

const NEW_LAB = 'needs a new lab'

/** Heals, and says why the lab cannot be used any more; undefined when it can. Of what a fix restarted the lab knows nothing. */
async function restore(lab: LabState, fault: Fault, options: MatrixOptions): Promise<string | undefined> {
  if (fault.heal === 'new lab' || options.recording !== undefined || options.fix) return NEW_LAB
  const failed = await heal(lab.name).then(
    () => undefined,
    (error: Error) => `not healed: ${error.message}`,
  )
  if (failed !== undefined) return failed
  const left = await untilClean(lab, options)
  return left.length === 0 ? undefined : `healed lab not clean: ${left.join(', ')}`
}

function broken(fault: Fault, error: unknown): FaultRow {
  const note = `not injected: ${error instanceof Error ? error.message : String(error)}`
  const expected = typeof fault.expect.cause === 'string' ? fault.expect.cause : (fault.expect.cause[0] ?? '')
  return {
    fault: fault.id,
    detected: false,
    rankedFirst: false,
    expected,
    first: null,
    falseFindings: [],
    seconds: 0,
    note,
  }
}

/** Runs faults in one lab until one leaves it unusable; gives a row for each that was run. */
async function runInLab(
  lab: LabState,
  faults: readonly Fault[],
  options: MatrixOptions,
): Promise<FaultRow[]> {
  const rows: FaultRow[] = []
  const before = await untilClean(lab, options)
  if (before.length > 0) options.say(`the healthy lab has findings: ${before.join(', ')}`)
  for (const fault of faults) {
    if (options.signal.aborted) break
    try {
      const row = await runFault(lab, fault, options)
      const unusable = await restore(lab, fault, options)
      rows.push(unusable === undefined || unusable === NEW_LAB ? row : { ...row, note: unusable })
      options.say(rowLine(rows.at(-1) as FaultRow))
      if (unusable !== undefined) break
    } catch (error) {
      rows.push(broken(fault, error))
      options.say(rowLine(rows.at(-1) as FaultRow))
      break
    }
  }
  return rows
}

/** One line of progress. */
function rowLine(row: FaultRow): string {
  const isRight = isAsExpected(row) && (row.trace === undefined || isTraceRight(row.trace))
  const verdict = isRight ? 'ok  ' : 'FAIL'
  const extras = row.falseFindings.length > 0 ? `  besides: ${row.falseFindings.join(', ')}` : ''
  const note = row.note === undefined ? '' : `  (${row.note})`
  const first = row.rankedFirst ? row.first : `expected ${row.expected}, first ${row.first}`
  const trace = row.trace === undefined ? '' : `  ${traceCell(row.trace)}`
  const fix = row.fix === undefined ? '' : `  fix: ${fixCell(row.fix)}`
  return `${verdict} ${row.fault}  ${first}  ${row.seconds.toFixed(1)} s${extras}${note}${trace}${fix}`
}

/** Two flanneld that start together may pick one subnet, and the second ends (registry.go, ErrSubnetExists). */
const RAISES = 3

/** A lab for as long as `use` runs; one that does not come up is tried again. `use` must not throw LabError. */
export async function withMatrixLab<T>(options: LabOptions, use: (lab: LabState) => Promise<T>): Promise<T> {
  for (let left = RAISES - 1; ; left--) {
    try {
      return await withLab(options, use)
    } catch (error) {
      if (left === 0 || !(error instanceof LabError) || error.problem !== 'failed') throw error
    }
  }
}

async function runGroup(faults: readonly Fault[], options: MatrixOptions): Promise<FaultRow[]> {
  const rows: FaultRow[] = []
  while (rows.length < faults.length && !options.signal.aborted) {
    const rest = faults.slice(rows.length)
    const lab = labFor(faults[0]?.options ?? {}, options)
    rows.push(...(await withMatrixLab(lab, (up) => runInLab(up, rest, options))))
  }
  return rows
}

/** Every fault that applies, in labs as few as their options allow. Throws LabError when no lab can be brought up. */
export async function runFaults(options: MatrixOptions): Promise<readonly FaultRow[]> {
  const rows: FaultRow[] = []
  for (const group of groupsOf(chooseFaults(options), options)) rows.push(...(await runGroup(group, options)))
  return rows
}
