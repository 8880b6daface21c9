/** The stretch of a path on which a packet was lost. */

import { present } from '../../model/present.ts'
import type { Hop, Trace } from '../trace.ts'

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
  const seenAt = lastSeen ?? -1
  const missed = hops.findIndex(({ seen }, index) => index > seenAt && seen === false)
  const [last, missing] = [hops[seenAt], hops[missed]]
  const known = present({ last, missing })
  // Where the walk only did not know, the packet may have been seen further on.
  const at = hops.findLastIndex(({ predicted }) => predicted === ends)
  const drop = at < seenAt || agreement === 'contradicted' ? undefined : hops[at]
  if (drop !== undefined) return { ...known, between: [drop] }
  return { ...known, between: hops.slice(seenAt + 1, missing === undefined ? undefined : missed + 1) }
}
