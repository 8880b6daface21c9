/** Waits for something to be seen on a target; that it does not come is an answer. */
import type { Scene } from './scenario.ts'
import { ScenarioError } from './scenario.ts'

/** Pause between two looks, milliseconds: a look at a host takes a tenth of a second of work. */
const PAUSE_MS = 100

/** How a wait ended. */
export interface Awaited {
  /** What was still missing when time was up; undefined when it came. */
  readonly missing: string | undefined
  readonly seconds: number
}

type Look = () => Promise<string | undefined>

/** A look that could see nothing, on a busy machine for one, is not the last one. */
async function attempt(look: Look): Promise<{ readonly missing?: string; readonly blind?: ScenarioError }> {
  try {
    const missing = await look()
    return missing === undefined ? {} : { missing }
  } catch (error) {
    if (error instanceof ScenarioError) return { blind: error }
    throw error
  }
}

/**
 * Looks until nothing is missing (undefined) or `ms` have passed. Throws ScenarioError when the run is
 * interrupted, or when the last look could see nothing; any other error ends the wait.
 */
export async function awaitSeen(scene: Pick<Scene, 'signal'>, ms: number, look: Look): Promise<Awaited> {
  const startedAt = performance.now()
  for (;;) {
    if (scene.signal.aborted) throw new ScenarioError('interrupted')
    const { missing, blind } = await attempt(look)
    const passed = performance.now() - startedAt
    const isOver = passed > ms
    if (blind !== undefined && isOver) throw blind
    if (blind === undefined && (missing === undefined || isOver)) return { missing, seconds: passed / 1000 }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

/** `after 1.2 s`. */
export function after({ seconds }: Awaited): string {
  return `after ${seconds.toFixed(1)} s`
}

/**
 * Looks again and again for `ms`: what must stay as it is. Gives what was first seen to differ.
 * Throws ScenarioError when the run is interrupted.
 */
export async function awaitStays(
  scene: Pick<Scene, 'signal'>,
  ms: number,
  look: Look,
): Promise<string | undefined> {
  const startedAt = performance.now()
  for (;;) {
    if (scene.signal.aborted) throw new ScenarioError('interrupted')
    const changed = await look()
    if (changed !== undefined || performance.now() - startedAt > ms) return changed
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
