/** A watch that is made again when its connection is gone. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Before a connection that stood is made again, and before one is tried again that could not be made. */
const PAUSES_MS = { lost: 2000, refused: 60_000 } as const

/**
 * Watches until the signal ends it. `watchOnce` says when it stands, and resolves when it is over. What is missed while
 * no connection stands is made up for by telling of a change once one stands again.
 */
export async function watchAgain(
  watchOnce: (stands: () => void) => Promise<void>,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  let isFirst = true
  while (!signal.aborted) {
    let stood = false
    await watchOnce(() => {
      if (!isFirst) changed()
      isFirst = false
      stood = true
    })
    await sleep(stood ? PAUSES_MS.lost : PAUSES_MS.refused, undefined, { signal }).catch(() => {})
  }
}
