/** Judging that can be stopped. */
import { setImmediate } from 'node:timers/promises'
import { type CheckResult, evaluation, inCheckOrder } from '../../../checks/evaluate.ts'
import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { walking } from '../../../checks/trace/pairs/predictions.ts'
import type { Report } from '../../../reports/document/report.ts'
import { interruption } from '../../interruption.ts'
import { chosenChecks, type JudgeSettings, type RunRecord, reported } from './judge.ts'

/** Judging of a thousand hosts takes seconds: in between signals are heard. */
const SLICE_MS = 50

/** Takes the steps of a generator, which is told of a stop once there is one. Gives the reason of the stop. */
async function untilStopped<T>(
  steps: Generator<T, unknown, string | undefined>,
  stopReason: () => string | undefined,
  take: (step: T) => void,
): Promise<string | undefined> {
  let stop = stopReason()
  let sliceEnds = performance.now() + SLICE_MS
  for (let step = steps.next(); !step.done; step = steps.next(stop && `not judged: ${stop}`)) {
    take(step.value)
    if (performance.now() < sliceEnds) continue
    await setImmediate()
    sliceEnds = performance.now() + SLICE_MS
    stop = stopReason()
  }
  return stop
}

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
  const wasStopped = signal.aborted
  const stopReason = (): string | undefined => (wasStopped ? undefined : interruption(signal))
  // All pairs are walked for the first check that asks: of a thousand hosts that takes too long for one step.
  if (checks.some(({ walks }) => walks))
    await untilStopped(walking(snapshot), stopReason, () => {}).catch(() => {}) // each check that asks says why
  const results: CheckResult[] = []
  const judging = evaluation(snapshot, checks, snapshot.window.to)
  const stop = await untilStopped(judging, stopReason, (result) => results.push(result))
  const run = { ...facts.run, ...present({ interrupted: stop ?? facts.run.interrupted }) }
  return reported(inCheckOrder(results, checks), {
    snapshot,
    facts: { ...facts, run },
    settings,
    notSelected,
  })
}
