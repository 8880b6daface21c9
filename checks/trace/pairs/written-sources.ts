/** What hosts on the way write into the source of a connection between two containers. */
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { Translation } from '../walk/state.ts'
import { type Pair, translations } from '../walk.ts'
import { likePings, pairKey } from './like-pings.ts'
import { isWalked, PLAIN_SIZE, predictions } from './predictions.ts'

/** What was written into the source of the pings of a snapshot, by pair. */
interface OfPings {
  readonly isLike: (pair: Pair) => boolean
  readonly byPair: ReadonlyMap<string, readonly Translation[]>
}

const known = new WeakMap<ClusterSnapshot, OfPings>()

function ofPings(snapshot: ClusterSnapshot): OfPings {
  const before = known.get(snapshot)
  if (before) return before
  const hidden = Map.groupBy(predictions(snapshot).hidden, ({ pair }) => pairKey(pair))
  const byPair = new Map([...hidden].map(([key, all]) => [key, all.map(({ translation }) => translation)]))
  const found = { isLike: likePings(snapshot), byPair }
  known.set(snapshot, found)
  return found
}

/**
 * The translations by hosts that the first packet of a connection meets. Where the pairs have been walked and nothing on the way
 * tells a connection from a ping, they are those of its pings.
 */
export function writtenSources(snapshot: ClusterSnapshot, pair: Pair): readonly Translation[] {
  const pings = isWalked(snapshot) ? ofPings(snapshot) : undefined
  if (pings?.isLike(pair)) return pings.byPair.get(pairKey(pair)) ?? []
  return translations(snapshot, pair, { size: PLAIN_SIZE, protocol: 'tcp' }).filter(
    ({ container }) => container === undefined,
  )
}
