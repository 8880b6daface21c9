/** Why a run ended before its time. */

/** What a run that its deadline ended says of itself. */
const DEADLINE_PASSED = 'the deadline passed'

/** Why a run was cut short, in words; undefined when it ran to its end. */
export function interruption(signal: AbortSignal): string | undefined {
  if (!signal.aborted) return undefined
  const { reason } = signal
  return reason instanceof Error && reason.name === 'TimeoutError' ? DEADLINE_PASSED : 'interrupted'
}

/** What ended a run before its time, in words. */
export function stopText(signal: AbortSignal): string {
  return interruption(signal) === DEADLINE_PASSED ? 'the deadline' : 'the run was interrupted'
}
