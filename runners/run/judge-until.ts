/** Judging that can be stopped. */
import { setImmediate } from 'node:timers/promises'
import { type CheckResult, evaluation } from '../../checks/evaluate.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { Report } from '../../reports/report.ts'
import { interruption } from './interruption.ts'
import { chosenChecks, type JudgeSettings, type RunRecord, reported } from './judge.ts'

/** Judging of a thousand hosts takes seconds: in between signals are heard. */
const SLICE_MS = 50

/**
 * As `judge`, for as long as no stop comes: what was not judged until then is inconclusive, and the report says that it
 * was interrupted. A stop that came before, while hosts were asked, leaves the judging of what they said.
 */
export async function judgeUntil(
  snapshot: ClusterSnapshot,
  facts: RunRecord,
  { signal, ...settings }: JudgeSettings & { readonly signal: AbortSignal },
): Promise<Report> {
  const { checks, notSelected } = chosenChecks(snapshot, settings)
  const results: CheckResult[] = []
  const judging = evaluation(snapshot, checks, snapshot.window.to)
  const wasStopped = signal.aborted
  let stop: string | undefined
  let sliceEnds = performance.now() + SLICE_MS
  for (let step = judging.next(); !step.done; step = judging.next(stop && `not judged: ${stop}`)) {
    results.push(step.value)
    if (performance.now() < sliceEnds) continue
    await setImmediate()
    sliceEnds = performance.now() + SLICE_MS
    stop = wasStopped ? undefined : interruption(signal)
  }
  const run = { ...facts.run, ...present({ interrupted: stop ?? facts.run.interrupted }) }
  return reported(results, { snapshot, facts: { ...facts, run }, settings, notSelected })
}
