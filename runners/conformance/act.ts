/** The actions that dynamic clauses need: only on a lab of ours, or where they were asked for. */
import { realpathSync } from 'node:fs'
import type { Acted } from '../../checks/clauses/judge-clauses.ts'
import type { LabState } from '../lab/running/state.ts'
import type { ScenarioTarget } from './scenarios/run-scenarios.ts'

/** The lab of this machine whose inventory file that is; undefined for any other file. */
export async function labOf(inventoryFile: string | undefined): Promise<LabState | undefined> {
  if (inventoryFile === undefined) return undefined
  const { readyLabs } = await import('../lab/running/state.ts')
  const path = realpathSync(inventoryFile)
  return readyLabs().find(({ inventory }) => realpathSync(inventory) === path)
}

/** Runs the scenarios. A target that cannot be acted on, or not healed, is a problem and not an error. */
export async function act(target: ScenarioTarget): Promise<Acted> {
  if (target.scenarios.length === 0) return { observations: [] }
  try {
    const { runScenarios } = await import('./scenarios/run-scenarios.ts')
    return { observations: await runScenarios(target) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { observations: [], problem }
  }
}
