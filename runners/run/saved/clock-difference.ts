/**
 * How far two clocks are apart, told by etcd: a key that was not written in between ends at one moment, and each host has
 * read how many seconds are left until then.
 */
import { isKubernetes } from '../../datastore/kubernetes/unread.ts'
import type { DatastoreReading, EtcdReading } from '../../datastore/reading.ts'

/** A host that is further off has no clock at all. */
const MOST_SECONDS = 100 * 365 * 86_400

/** When each key ends by the clock of its reader, seconds since 1970. */
function endsOf({ at, v2, v3 }: EtcdReading): ReadonlyMap<string, number> {
  const entries = [v2, v3].flatMap((store) => store?.entries ?? [])
  return new Map(
    entries.flatMap(({ key, revision, leaseId = '', ttlSeconds }) =>
      ttlSeconds === undefined || ttlSeconds <= 0
        ? []
        : [[[key, revision, leaseId].join(' '), at / 1000 + ttlSeconds] as const],
    ),
  )
}

/** Seconds that the clock of one reading is ahead of that of another; undefined where no key says it, as nodes do not. */
export function clockAhead(one: DatastoreReading, other: DatastoreReading): number | undefined {
  if (isKubernetes(one) || isKubernetes(other)) return undefined
  const ends = endsOf(other)
  const differences = [...endsOf(one)]
    .flatMap(([key, end]) => {
      const theirs = ends.get(key)
      return theirs === undefined ? [] : [end - theirs]
    })
    .sort((a, b) => a - b)
  const middle = differences[Math.floor((differences.length - 1) / 2)]
  return middle !== undefined && Math.abs(middle) < MOST_SECONDS ? middle : undefined
}
