/** After probes: lost pings are followed on their way, one for each reason, within a time of their own. */
import { present } from '../../../checks/model/present.ts'
import { pingsToFollow } from '../../../checks/trace/seen/lost-pings.ts'
import type { CollectionSettings } from '../collecting/collect-cluster.ts'
import { withFollowed } from './followed.ts'
import type { Gathered } from './step.ts'
import { tracePair } from './trace-cluster.ts'

/** No further ping is followed after this time, milliseconds: the person waiting has the others. */
const BUDGET_MS = 8000

/** Follows lost pings one after another, so that none is taken for another. Never rejects for a host's sake. */
export async function followLost(
  gathered: Gathered,
  { signal, show }: CollectionSettings,
): Promise<Gathered> {
  const until = performance.now() + BUDGET_MS
  let followed = gathered
  for (const { pair, size, isLarge, packet } of pingsToFollow(gathered.collected.snapshot)) {
    if (signal.aborted || performance.now() > until) return followed
    // A small one is followed at an unusual size first, then at its own: other software sends plain pings too.
    const seen = await tracePair(followed, pair, {
      intrude: false,
      signal,
      ...present({ show, packet }),
      ...(isLarge && { size }),
    })
    const observations = seen.observations.map((one) => (isLarge ? { ...one, isLarge } : one))
    followed = withFollowed(followed, { ...seen, observations })
  }
  return followed
}
