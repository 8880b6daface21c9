/** One conformance run: collect, act where that is allowed, judge checks, judge clauses, certify. */
import type { Profile } from '../../checks/clauses/clause.ts'
import type { Report } from '../../reports/report.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { LabState } from '../lab/running/state.ts'
import { collectCluster, type SessionSettings } from '../run/collect-cluster.ts'
import { interruption } from '../run/interruption.ts'
import { judge } from '../run/judge.ts'
import { runFacts } from '../run/run-facts.ts'
import { act } from './act.ts'
import { certify, scenariosFor } from './certify.ts'

export interface ConformanceSettings {
  /** Empty: those that apply. */
  readonly profiles: readonly Profile[]
  readonly strict: boolean
  /** True where actions are allowed. */
  readonly acts: boolean
  readonly lab?: LabState
  readonly session: SessionSettings
  readonly say: (line: string) => void
}

/** The report of an inventory with its claims. Throws InputError for hosts that cannot be reached this way. */
export async function conformanceReport(
  inventory: Inventory,
  settings: ConformanceSettings,
): Promise<Report> {
  const { profiles, strict, acts, lab, session, say } = settings
  const startedAt = Date.now()
  const { snapshot, commands } = await collectCluster(inventory, session)
  const acted = acts
    ? await act({
        inventory,
        ...(lab !== undefined && { lab }),
        scenarios: scenariosFor(snapshot, profiles),
        signal: session.signal,
        say,
      })
    : undefined
  if (acted?.problem !== undefined) say(`actions: ${acted.problem}`)
  const interrupted = interruption(session.signal)
  const run = runFacts(startedAt, {
    ...(interrupted !== undefined && { interrupted }),
    ...(acts && { level: 'intrude' }),
  })
  const report = judge(snapshot, { run, commands }, { selection: { only: [], skip: [] }, failOn: 'warning' })
  return certify(report, snapshot, { profiles, strict, ...(acted !== undefined && { acted }) })
}
