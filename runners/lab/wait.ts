/** Waiting for a state of the world: asked for again and again until it is there or a deadline has passed. */
import { poll } from '../poll.ts'
import { LabError } from './lab-error.ts'

/** Pause between two looks, milliseconds. */
const POLL_MS = 20

/** Bounds of a wait. `reason` says what was still missing when it was given up. */
export interface WaitBounds {
  /** Value of performance.now() at which waiting ends. */
  readonly deadline: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks until `look` gives nothing missing (undefined). Throws LabError with the last answer when
 * the deadline has passed or the signal has come; an error thrown by `look` ends the wait.
 */
export async function waitUntil(
  look: () => Promise<string | undefined> | string | undefined,
  bounds: WaitBounds,
): Promise<void> {
  let missing: string | undefined
  const isThere = await poll(
    async () => {
      missing = await look()
      return missing === undefined ? true : undefined
    },
    { ...bounds, pauseMs: POLL_MS },
  )
  if (isThere) return
  throw new LabError('failed', bounds.signal?.aborted ? 'interrupted' : (missing ?? 'not looked at'))
}
