/**
 * How long one of many hosts may be silent. A machine that asks many at once, or is busy with other things, keeps all of them
 * waiting, and no clock tells that from a host that hangs: so none is given up while others get on, up to a limit.
 */

/** Milliseconds. */
interface Limits {
  /** Nothing came from it, and meanwhile nothing new from any other. */
  readonly silentMs: number
  /** Whatever the others do. */
  readonly mostMs: number
}

/** Shared by all hosts that are asked together. */
export interface Patience {
  /** One of them has got on. */
  readonly heard: () => void
  /** Milliseconds that one which is silent since then may still take; 0 or less when it is given up. */
  readonly left: (since: number) => number
}

/** Times are those of performance.now(). */
export function newPatience({ silentMs, mostMs }: Limits, now = () => performance.now()): Patience {
  let last = Number.NEGATIVE_INFINITY
  return {
    heard: () => {
      last = now()
    },
    left: (since) => Math.min(Math.max(since, last) + silentMs, since + mostMs) - now(),
  }
}
