/** What was read from etcd made still: revisions by the order of the writes, lifetimes in hours. */
import type { KubernetesReading } from '../../datastore/kubernetes/reading.ts'
import { isKubernetes } from '../../datastore/kubernetes/unread.ts'
import type { DatastoreReading, EtcdEntry, StoreReading } from '../../datastore/reading.ts'
import { CLOCK } from './still-text.ts'

const SECONDS_PER_HOUR = 3600
const SECONDS_PER_MINUTE = 60

function stillTtl(seconds: number): number {
  const unit = seconds > SECONDS_PER_HOUR ? SECONDS_PER_HOUR : SECONDS_PER_MINUTE
  return Math.max(1, Math.round(seconds / unit)) * unit
}

const nameOf = ({ key, revision }: EtcdEntry): string => `${key} ${revision}`
const byKey = (a: EtcdEntry, b: EtcdEntry): number => (a.key < b.key ? -1 : 1)

/**
 * Numbers for revisions: those of the healthy network in the order of their keys, since hosts start side by side; the
 * later ones in their own order behind them.
 */
function revisionNames(store: StoreReading, healthy: StoreReading | null): ReadonlyMap<number, number> {
  const early = [...(healthy?.entries ?? [])].toSorted(byKey).map(({ revision }) => revision)
  const start = new Set((healthy?.entries ?? []).map(nameOf))
  const late = store.entries.filter((entry) => !start.has(nameOf(entry))).map(({ revision }) => revision)
  const ordered = [...early, ...late.toSorted((a, b) => a - b)]
  return new Map([...new Set(ordered)].map((revision, at) => [revision, at + 1]))
}

function stillStore(store: StoreReading | null, healthy: StoreReading | null): StoreReading | null {
  if (store === null) return null
  const names = revisionNames(store, healthy)
  const entries = store.entries.map((entry) => ({
    ...entry,
    revision: names.get(entry.revision) ?? entry.revision,
    ...(entry.ttlSeconds !== undefined && { ttlSeconds: stillTtl(entry.ttlSeconds) }),
  }))
  return { ...store, revision: names.size + 1, entries }
}

interface ApiObject {
  readonly metadata: {
    readonly namespace?: string | undefined
    readonly creationTimestamp?: string | undefined
  }
}

function objectsOf({ resources }: KubernetesReading): readonly ApiObject[] {
  return Object.values(resources).flatMap((list): readonly ApiObject[] => ('items' in list ? list.items : []))
}

/** Objects of the healthy cluster are older than its flanneld, a node that was registered again is new. */
function stillObjects(reading: KubernetesReading, healthy: DatastoreReading, at: number): KubernetesReading {
  const former = isKubernetes(healthy) ? objectsOf(healthy) : []
  const known = new Set(former.map(({ metadata }) => metadata.creationTimestamp))
  const still = <T extends ApiObject>(object: T): T => {
    const { creationTimestamp } = object.metadata
    if (creationTimestamp === undefined) return object
    const madeAt = known.has(creationTimestamp) ? at - SECONDS_PER_MINUTE : at
    const metadata = { ...object.metadata, creationTimestamp: new Date(madeAt * 1000).toISOString() }
    return { ...object, metadata }
  }
  const lists = Object.entries(reading.resources).map(([name, list]) => [
    name,
    'items' in list ? { items: (list.items as ApiObject[]).map(still) } : list,
  ])
  return { ...reading, resources: Object.fromEntries(lists) as KubernetesReading['resources'] }
}

/** The reading beside that of the same network before it was broken, taken when the clock shows `at`, seconds since 1970. */
export function stillReading<R extends DatastoreReading>(
  reading: R,
  healthy: DatastoreReading,
  at = CLOCK,
): R {
  if (isKubernetes(reading)) return { ...stillObjects(reading, healthy, at), at: at * 1000 } as R
  if (isKubernetes(healthy)) return { ...reading, at: at * 1000 }
  return {
    ...reading,
    v2: stillStore(reading.v2, healthy.v2),
    v3: stillStore(reading.v3, healthy.v3),
    at: at * 1000,
  }
}
