/** One conformance run: collect, act where that is allowed, judge checks, judge clauses, certify. */
import type { Profile } from '../../checks/clauses/clause.ts'
import type { Acted } from '../../checks/clauses/judge-clauses.ts'
import { present } from '../../checks/model/present.ts'
import type { Report } from '../../reports/document/report.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { LabState } from '../lab/running/state.ts'
import { type LoadedPlugins, NO_PLUGINS } from '../plugins/loaded-plugins.ts'
import type { CollectionSettings } from '../run/collecting/collect-cluster.ts'
import { judgeSettings, runInventory } from '../run/run-inventory.ts'
import type { Gathered, Step } from '../run/steps/step.ts'
import { act } from './act.ts'
import { certify, scenariosFor } from './certify.ts'
import { actForPlugins } from './plugin-actions.ts'

export interface ConformanceSettings {
  /** Empty: those that apply. */
  readonly profiles: readonly Profile[]
  readonly strict: boolean
  /** True where actions are allowed. */
  readonly acts: boolean
  readonly lab?: LabState
  readonly collection: CollectionSettings
  readonly say: (line: string) => void
  readonly plugins?: LoadedPlugins
}

/** The actions that the clauses of these profiles need; static clauses are judged of the network as it was before. */
async function actedOn(
  { inventory, collected }: Gathered,
  { profiles, lab, collection, say, plugins = NO_PLUGINS }: ConformanceSettings,
): Promise<Acted> {
  const ours = await act({
    inventory,
    ...present({ lab }),
    scenarios: scenariosFor(collected.snapshot, profiles),
    signal: collection.signal,
    say,
  })
  const asked = plugins.actions.filter(
    ({ clause }) => profiles.length === 0 || clause.profiles.some((profile) => profiles.includes(profile)),
  )
  const theirs: Acted =
    lab === undefined || asked.length === 0
      ? { observations: [] }
      : await actForPlugins(lab, asked, { signal: collection.signal, plugins })
  const problem = ours.problem ?? theirs.problem
  if (problem !== undefined) say(`actions: ${problem}`)
  return { observations: [...ours.observations, ...theirs.observations], ...present({ problem }) }
}

/** The report of an inventory with its claims. Throws InputError for hosts that cannot be reached this way. */
export async function conformanceReport(
  inventory: Inventory,
  settings: ConformanceSettings,
): Promise<Report> {
  const { profiles, strict, acts, collection, plugins } = settings
  let acted: Acted | undefined
  const acting: Step = {
    level: 'intrude',
    take: async (gathered) => {
      acted = await actedOn(gathered, settings)
      return gathered
    },
  }
  const { report, snapshot } = await runInventory(inventory, {
    collection,
    judging: judgeSettings(present({ plugins })),
    steps: acts ? [acting] : [],
  })
  return certify(report, snapshot, { profiles, strict, ...present({ acted, plugins }) })
}
