/** Checks of pings between hosts: each pair is judged, and troubled pairs are told as the few extents they make up. */
import type { Check, Draft, FindingKind, Unsure } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import type { ObservationKind } from '../model/observation.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import {
  type Extent,
  extentsOf,
  extentText,
  type HostPair,
  hostPairs,
  pingsOf,
  unsent,
} from './host-pairs.ts'

interface PingCheck<C extends string> {
  readonly id: `dataplane/${string}`
  readonly title: string
  /** Default: pings. */
  readonly observes?: readonly ObservationKind[]
  readonly findings: Readonly<Record<C, FindingKind>>
}

/** A check of what was sent: it needs no fact and knows every backend. */
export function definePingCheck<const C extends string>({
  evaluate,
  ...declared
}: PingCheck<C> & { evaluate(snapshot: ClusterSnapshot): Iterable<Draft<C> | Unsure> }): Check {
  return defineClusterCheck<never, C>({
    observes: ['ping'],
    ...declared,
    backends: 'any',
    needs: [],
    evaluate: ({ cluster }) => evaluate(cluster.snapshot),
  })
}

interface HostPairCheck<C extends string> extends PingCheck<C> {
  /** What is wrong between the two; undefined where nothing is. */
  readonly troubleOf: (pair: HostPair) => C | undefined
  /** What a draft says besides its code, where it is and `{between}`. */
  readonly tell: (extent: Extent, code: C, snapshot: ClusterSnapshot) => Omit<Draft, 'code'>
  /** What cannot be judged although pings were sent. */
  readonly unjudged?: (snapshot: ClusterSnapshot) => Iterable<Unsure>
}

/** One draft for each extent of each trouble, in the order of the declared codes. */
export function hostPairCheck<const C extends string>({
  troubleOf,
  tell,
  unjudged,
  ...declared
}: HostPairCheck<C>): Check {
  return definePingCheck<C>({
    ...declared,
    *evaluate(snapshot) {
      yield* unsent(snapshot.observations ?? [])
      yield* unjudged?.(snapshot) ?? []
      const pairs = hostPairs(pingsOf(snapshot))
      for (const code of Object.keys(declared.findings) as C[]) {
        const troubled = pairs.filter((pair) => troubleOf(pair) === code)
        for (const extent of extentsOf(pairs, troubled)) {
          const { data, ...told } = tell(extent, code, snapshot)
          const at = present({ host: extent.host, peer: extent.peer })
          yield { code, ...at, ...told, data: { between: extentText(extent), ...data } }
        }
      }
    },
  })
}
