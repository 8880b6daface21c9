/** Random choices from a seed. */

/** Numbers from a seed (mulberry32), so that a disagreement can be looked at again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** The next number, from 0 up to 1. */
export type Draw = () => number

/** One of them. */
export function pick<T>(draw: Draw, from: readonly T[]): T {
  return from[Math.floor(draw() * from.length)] as T
}

/** None to `most` of them, with repetitions. */
export function some<T>(draw: Draw, from: readonly T[], most: number): readonly T[] {
  return Array.from({ length: Math.floor(draw() * (most + 1)) }, () => pick(draw, from))
}
