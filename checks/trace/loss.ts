/** The stretch of a path on which a packet was lost. */
import type { Hop, Trace } from './trace.ts'

/** Where a packet was last seen, where it is missing, and the hops of which one took it. */
export interface Loss {
  readonly last?: Hop
  readonly missing?: Hop
  readonly between: readonly Hop[]
}

/**
 * The stretch of a trace that did not arrive: the hop that was predicted to drop it where taps do not
 * contradict it, otherwise everything behind the last sighting up to the first tap that missed it.
 * Undefined for a trace that arrived.
 */
export function lossOf({ ends, hops, lastSeen, agreement }: Trace): Loss | undefined {
  if (ends === 'delivered') return undefined
  const last = lastSeen === undefined ? undefined : hops[lastSeen]
  const start = lastSeen === undefined ? 0 : lastSeen + 1
  const missed = hops.findIndex(({ seen }, index) => index >= start && seen === false)
  const missing = missed < 0 ? undefined : hops[missed]
  const known = { ...(last && { last }), ...(missing && { missing }) }
  const drop = hops.find(({ predicted }) => predicted === ends)
  if (drop !== undefined && agreement !== 'contradicted') return { ...known, between: [drop] }
  return { ...known, between: hops.slice(start, missed < 0 ? undefined : missed + 1) }
}
