/** Looks at a lab as `check` does, once or until it looks as awaited. */

import type { Report } from '../../../reports/report.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { poll } from '../../poll.ts'
import { DEFAULT_CONCURRENCY } from '../../run/collect-cluster.ts'
import { runInventory } from '../../run/run-inventory.ts'
import { findLab, type LabState } from '../running/state.ts'

/** A run of the doctor takes 0.3 s; a lab of many peers or with Docker more. */
const JUDGE_MS = 60_000

/** A look takes half a second of work: what did not come at once is not looked for all the time. */
const pauseMs = (waitedMs: number): number => Math.min(Math.max(100, waitedMs / 5), 1000)

/** Collects a lab and judges it as `check` does. */
export async function judgeLab(lab: LabState, signal?: AbortSignal): Promise<Report> {
  const deadline = AbortSignal.timeout(JUDGE_MS)
  const collection = {
    concurrency: DEFAULT_CONCURRENCY,
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  }
  return (await runInventory(await loadInventory(lab.inventory), { collection })).report
}

/** The first report that is as awaited, or the last one before `patienceMs` had passed. */
export async function observe(
  name: string,
  until: { readonly patienceMs: number; readonly signal: AbortSignal },
  awaited: (report: Report) => boolean,
): Promise<Report> {
  let last: Report | undefined
  const look = async (): Promise<Report | undefined> => {
    last = await judgeLab(findLab(name), until.signal)
    return awaited(last) ? last : undefined
  }
  const deadline = performance.now() + until.patienceMs
  return (
    (await poll(look, { deadline, pauseMs, signal: until.signal })) ??
    last ??
    judgeLab(findLab(name), until.signal)
  )
}
