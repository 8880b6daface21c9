/** One deadline for all: what is under way when a run is stopped has a moment to end, then it is left behind. */

/** Long enough to kill a command in a container and to close a connection; the run ends within a second of its stop. */
const GRACE_MS = 500

/**
 * What the work gives, or `instead` where it has not ended a moment after the signal. Rejects as the work does until
 * then; what it does later is not heard.
 */
export async function unlessOverdue<T>(work: Promise<T>, signal: AbortSignal, instead: () => T): Promise<T> {
  const { promise: overdue, resolve } = Promise.withResolvers<undefined>()
  let timer: NodeJS.Timeout | undefined
  const stopped = (): void => {
    timer = setTimeout(() => resolve(undefined), GRACE_MS)
  }
  signal.addEventListener('abort', stopped, { once: true })
  if (signal.aborted) stopped()
  work.catch(() => {}) // heard below, unless it comes too late
  try {
    const first = await Promise.race([work.then((value) => ({ value })), overdue])
    return first === undefined ? instead() : first.value
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stopped)
  }
}
