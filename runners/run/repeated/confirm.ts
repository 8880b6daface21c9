/** `--confirm`: what one look finds counts where a second one finds it as well. */
import { setTimeout } from 'node:timers/promises'
import { isAnythingNew, settles, transientWaivers } from '../../../checks/diagnosis/transient.ts'
import type { Report } from '../../../reports/document/report.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { type FinishedRun, JUDGE_ALL, type RunSettings, runInventory } from '../run-inventory.ts'

/** flanneld writes what a lease asks for within a second of its event. */
const BETWEEN_MS = 2000

interface SecondLook {
  /** Its steps. */
  readonly steps?: RunSettings['steps']
  /** What was found before and confirmed then needs no other look. */
  readonly known?: Pick<Report, 'results'>
}

/** A look a moment later, and one more where it could not judge what was found: an etcd that does not answer just then settles nothing. */
async function secondLook(
  inventory: Inventory,
  settings: RunSettings,
  { report: { results } }: FinishedRun,
): Promise<FinishedRun> {
  const { signal } = settings.collection
  const look = async (): Promise<FinishedRun> => {
    await setTimeout(BETWEEN_MS, undefined, { signal }).catch(() => {})
    return runInventory(inventory, settings)
  }
  const second = await look()
  return signal.aborted || settles(results, second.report.results) ? second : look()
}

/**
 * Runs an inventory, and once more where something was found: the report is that of the first look, with what was gone
 * in the second marked transient. A second look that could not judge all of it is taken once more; one that a stop ends
 * confirms everything.
 */
export async function runConfirmed(
  inventory: Inventory,
  settings: RunSettings,
  { steps = [], known = { results: [] } }: SecondLook = {},
): Promise<FinishedRun> {
  const first = await runInventory(inventory, settings)
  const { signal } = settings.collection
  if (signal.aborted || !isAnythingNew(first.report.results, known.results)) return first
  const second = await secondLook(inventory, { ...settings, steps }, first)
  if (signal.aborted) return first
  const { judging = JUDGE_ALL } = settings
  const transient = transientWaivers(first.report.results, second.report.results)
  if (transient.length === 0) return first
  const { judge } = await import('../judging/judge.ts')
  const { commands } = first.report
  const run = { ...first.report.run, durationMs: Date.now() - Date.parse(first.report.run.startedAt) }
  const waivers = [...(judging.waivers ?? []), ...transient]
  return { ...first, report: judge(first.snapshot, { run, commands }, { ...judging, waivers }) }
}
