/** Whether two hosts have read the same etcd, or the API of the same cluster, and what changed in it between their readings. */
import type { KubernetesReading } from '../../datastore/kubernetes/reading.ts'
import { isKubernetes } from '../../datastore/kubernetes/unread.ts'
import type { DatastoreReading, EtcdEntry, StoreReading } from '../../datastore/reading.ts'
import type { Bundle } from './merged-state.ts'

/** A bundle with what its host read from the datastore. */
export interface ReadBundle extends Bundle {
  readonly reading: DatastoreReading
}

/** Nodes in place of keys; a list has no number that grows, but a time. */
function nodeStore({ resources: { nodes }, at }: KubernetesReading): StoreReading {
  const items = 'items' in nodes ? nodes.items : []
  const entries = items.map(({ metadata: { name, annotations }, spec }) => {
    const [, publicIp = ''] = Object.entries(annotations).find(([key]) => /[/-]public-ip$/.test(key)) ?? []
    const value = JSON.stringify({ PublicIP: publicIp, ...spec, annotations })
    return { key: `node/${name}`, value, revision: 0 }
  })
  return { present: true, revision: at, entries }
}

function storesOf(reading: DatastoreReading): readonly StoreReading[] {
  if (isKubernetes(reading)) return [nodeStore(reading)]
  return [reading.v2, reading.v3].filter((store) => store !== null)
}

const prefixOf = (reading: DatastoreReading): string =>
  isKubernetes(reading) ? 'Kubernetes' : reading.prefix

/** How far etcd had come when it was read; 0 where it gave nothing. */
export function revisionOf({ reading }: ReadBundle): number {
  const read = storesOf(reading).filter(({ problem, entries }) => problem === undefined && entries.length > 0)
  return read.reduce((most, { revision }) => Math.max(most, revision), 0)
}

const clustersOf = (reading: DatastoreReading): ReadonlySet<string> =>
  new Set(isKubernetes(reading) ? [] : reading.endpoints.flatMap(({ clusterId }) => clusterId ?? []))

const areApart = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size > 0 && other.size > 0 && ![...one].some((member) => other.has(member))

/** Keys and whose they are: the value of a lease is written anew when it is renewed, its public address stays. */
function leasesOf({ reading }: ReadBundle): ReadonlySet<string> {
  const entries = storesOf(reading).flatMap((store) => store.entries)
  const leases = isKubernetes(reading)
    ? entries
    : entries.filter(({ key }) => key.startsWith(`${reading.prefix}/subnets`))
  return new Set(leases.map(({ key, value }) => `${key} ${/"PublicIP":"([^"]*)"/.exec(value)?.[1] ?? ''}`))
}

function ofOtherCluster(one: ReadBundle, other: ReadBundle): boolean {
  const [own, theirs] = [clustersOf(one.reading), clustersOf(other.reading)]
  if (own.size > 0 && theirs.size > 0) return areApart(own, theirs)
  // An etcd that gives no id is known by its leases.
  return areApart(leasesOf(one), leasesOf(other))
}

/** How a bundle's network differs, in the words before "than"; undefined where it is the same or nothing was read. */
export function isSameNetwork(one: ReadBundle, other: ReadBundle): string | undefined {
  if (revisionOf(one) === 0 || revisionOf(other) === 0 || one === other) return undefined
  const prefix = prefixOf(one.reading)
  if (prefix !== prefixOf(other.reading)) return `it was read below another prefix, ${prefix || '/'},`
  const store = isKubernetes(one.reading) ? 'cluster' : 'etcd'
  return ofOtherCluster(one, other) ? `it was read from another ${store}` : undefined
}

/** Keys with their values. Lease values change with a host's address or VTEP, not when a lease is renewed. */
function keysOf({ reading }: ReadBundle): ReadonlyMap<string, string> {
  const entries: readonly EtcdEntry[] = storesOf(reading).flatMap((store) => store.entries)
  return new Map(entries.map(({ key, value }) => [key, value]))
}

/** Keys that came, went or changed between any reading and that of the reference, in order. */
export function changedKeys(bundles: readonly ReadBundle[], reference: ReadBundle): readonly string[] {
  const now = keysOf(reference)
  const changed = new Set<string>()
  for (const one of bundles) {
    if (isSameNetwork(one, reference) !== undefined || revisionOf(one) === 0) continue
    const before = keysOf(one)
    for (const key of new Set([...now.keys(), ...before.keys()]))
      if (now.get(key) !== before.get(key)) changed.add(key)
  }
  return [...changed].sort()
}

function isAlike(one: EtcdEntry, other: EtcdEntry): boolean {
  const { revision, ttlSeconds, leaseId, directory } = one
  const isSame = revision === other.revision && leaseId === other.leaseId && directory === other.directory
  return isSame && ttlSeconds === other.ttlSeconds
}

function sharedStore(store: StoreReading | null, before: StoreReading | null): StoreReading | null {
  if (store === null || before === null) return store
  const entries = store.entries.map((entry, at) => {
    const other = before.entries[at]
    if (other === undefined || entry.key !== other.key || entry.value !== other.value) return entry
    return isAlike(entry, other) ? other : { ...entry, key: other.key, value: other.value }
  })
  return { ...store, entries }
}

/** A reading of etcd with what another read alike, so that it is held once; the same for one of Kubernetes. */
export function sharedEntries(
  reading: DatastoreReading,
  before: DatastoreReading | undefined,
): DatastoreReading {
  if (before === undefined || isKubernetes(reading) || isKubernetes(before)) return reading
  return { ...reading, v2: sharedStore(reading.v2, before.v2), v3: sharedStore(reading.v3, before.v3) }
}
