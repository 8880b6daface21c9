/** Looks at a lab as `check` does, once or until it looks as awaited. */

import type { Report } from '../../../reports/document/report.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { type LoadedPlugins, NO_PLUGINS } from '../../plugins/loaded-plugins.ts'
import { poll } from '../../poll.ts'
import { usualConcurrency } from '../../run/collecting/usual-concurrency.ts'
import { judgeSettings, runInventory } from '../../run/run-inventory.ts'
import { findLab, type LabState } from '../running/state.ts'

/** A run of the doctor takes 0.3 s; a lab of many peers or with Docker more. */
const JUDGE_MS = 60_000

/** A look takes half a second of work: what did not come at once is not looked for all the time. */
const pauseMs = (waitedMs: number): number => Math.min(Math.max(100, waitedMs / 5), 1000)

/** Collects a lab and judges it as `check` does, with these plugins. */
export async function judgeLab(
  lab: LabState,
  signal?: AbortSignal,
  plugins: LoadedPlugins = NO_PLUGINS,
): Promise<Report> {
  const deadline = AbortSignal.timeout(JUDGE_MS)
  const collection = {
    concurrency: usualConcurrency(),
    facts: plugins.facts,
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  }
  const judging = judgeSettings({ plugins })
  return (await runInventory(await loadInventory(lab.inventory), { collection, judging })).report
}

/** How a lab is looked at. */
export interface Look {
  readonly signal: AbortSignal
  readonly plugins?: LoadedPlugins
}

/** The first report that is as awaited, or the last one before `patienceMs` had passed. */
export async function observe(
  name: string,
  until: Look & { readonly patienceMs: number },
  awaited: (report: Report) => boolean,
): Promise<Report> {
  let last: Report | undefined
  const judged = (): Promise<Report> => judgeLab(findLab(name), until.signal, until.plugins)
  const look = async (): Promise<Report | undefined> => {
    last = await judged()
    return awaited(last) ? last : undefined
  }
  const deadline = performance.now() + until.patienceMs
  return (await poll(look, { deadline, pauseMs, signal: until.signal })) ?? last ?? judged()
}
