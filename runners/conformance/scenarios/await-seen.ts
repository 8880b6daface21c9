/** Waits for something to be seen on a target; that it does not come is an answer. */
import { poll } from '../../poll.ts'
import type { Scene } from './scenario.ts'
import { ScenarioError } from './scenario.ts'

/** Pause between two looks, milliseconds: a look at a host takes a tenth of a second of work, and what did not come at once comes late. */
const pauseMs = (waitedMs: number): number => Math.min(Math.max(100, waitedMs / 5), 1000)

/** How a wait ended. */
export interface Awaited {
  /** What was still missing when time was up; undefined when it came. */
  readonly missing: string | undefined
  readonly seconds: number
}

type Look = () => Promise<string | undefined>

interface Attempt {
  readonly missing?: string
  readonly blind?: ScenarioError
}

/** A look that could see nothing, on a busy machine for one, is not the last one. */
async function attempt(look: Look): Promise<Attempt> {
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
  let last: Attempt = {}
  await poll(
    async () => {
      last = await attempt(look)
      return last.blind === undefined && last.missing === undefined ? true : undefined
    },
    { deadline: startedAt + ms, pauseMs, signal: scene.signal },
  )
  if (scene.signal.aborted) throw new ScenarioError('interrupted')
  if (last.blind !== undefined) throw last.blind
  return { missing: last.missing, seconds: (performance.now() - startedAt) / 1000 }
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
  const bounds = { deadline: performance.now() + ms, pauseMs, signal: scene.signal }
  const changed = await poll(look, bounds)
  if (changed === undefined && scene.signal.aborted) throw new ScenarioError('interrupted')
  return changed
}
