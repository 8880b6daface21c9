/** Asking again and again for something that comes by itself. */

/** Bounds of a wait. */
export interface PollBounds {
  /** Value of performance.now() after which nobody asks again. */
  readonly deadline: number
  /** Between two looks, milliseconds; out of how long it was waited so far where looks cost more than they find later on. */
  readonly pauseMs: number | ((waitedMs: number) => number)
  readonly signal?: AbortSignal | undefined
}

/**
 * The first answer of `look` that is not undefined; undefined when the deadline has passed or the signal has come.
 * It looks at least once unless the signal has come before, and an error of `look` ends the wait.
 */
export async function poll<T>(
  look: () => Promise<T | undefined> | T | undefined,
  { deadline, pauseMs, signal }: PollBounds,
): Promise<T | undefined> {
  const startedAt = performance.now()
  const pause = typeof pauseMs === 'number' ? () => pauseMs : pauseMs
  while (signal?.aborted !== true) {
    const answer = await look()
    if (answer !== undefined) return answer
    const now = performance.now()
    if (now > deadline) return undefined
    await new Promise((resolve) => setTimeout(resolve, pause(now - startedAt)))
  }
  return undefined
}
