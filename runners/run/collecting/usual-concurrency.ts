/** How many hosts are asked at the same time. */
import { availableParallelism } from 'node:os'

/** Hosts a core can collect at the same time: nearly all of that is waiting for them. */
const PER_CORE = 16
const [LEAST, MOST] = [8, 128]

/** Hosts collected at the same time unless told otherwise. */
export function usualConcurrency(cores = availableParallelism()): number {
  return Math.min(Math.max(PER_CORE * cores, LEAST), MOST)
}
