/**
 * Saved states that hosts took each for itself, as one state of their network. Each has read etcd at its own moment
 * and by its own clock: the newest reading counts for all, and what the others say differently is told.
 */
import { present } from '../../../checks/model/present.ts'
import type { RecordedBundle } from '../../../reports/document/report.ts'
import type { SavedHost, SavedState } from '../../collect/saved/saved-state.ts'
import type { DatastoreReading } from '../../datastore/reading.ts'
import { savedReading } from '../../datastore/saved-reading.ts'
import { InputError } from '../../input-error.ts'
import { clockAhead } from './clock-difference.ts'
import { changedKeys, isSameNetwork, type ReadBundle, revisionOf, sharedEntries } from './same-network.ts'

/** A saved state and where it was read. */
export interface Bundle {
  readonly from: string
  readonly state: SavedState
  /** Its datastore.json, where that was checked already. */
  readonly reading?: DatastoreReading
}

/** The reading of a bundle, from the content of its datastore.json. Throws InputError. */
const readingOf = ({ from, state, reading }: Bundle): DatastoreReading =>
  reading ?? savedReading(state.datastore, `${from}/datastore.json`)

/**
 * The same bundle with its datastore checked, and what the one before it read alike taken from there: a thousand hosts have
 * read the same thousand leases. Throws InputError.
 */
export function readBundle(bundle: Bundle, before: Bundle | undefined): Bundle {
  if (bundle.state.datastore === null) return bundle
  const reading = sharedEntries(readingOf(bundle), before?.reading)
  return { ...bundle, state: { ...bundle.state, datastore: reading }, reading }
}

/** One state out of several, and what is to be told of them. */
export interface MergedState {
  readonly state: SavedState
  readonly bundles: readonly RecordedBundle[]
  /** Keys of etcd that changed while the bundles were taken. */
  readonly changed: readonly string[]
  /** When they were taken, by the clock of the one whose reading counts; milliseconds since 1970. */
  readonly window: { readonly from: number; readonly to: number }
}

/** Seconds that readings of the time left may differ although no clock does. */
const ROUNDING_SECONDS = 5

function refuseTwice(bundles: readonly Bundle[]): void {
  const first = new Map<string, string>()
  for (const { from, state } of bundles) {
    for (const { name } of state.hosts) {
      const other = first.get(name)
      if (other !== undefined)
        throw new InputError(
          `${from}: ${name} is in ${other} as well: expected one bundle of each host; where two hosts have one name, give each its own with collect --name`,
        )
      first.set(name, from)
    }
  }
}

function refuseOtherKeys(bundles: readonly Bundle[]): void {
  const [one] = bundles
  const other = bundles.find(({ state }) => state.meta.redacted !== one?.state.meta.redacted)
  if (one === undefined || other === undefined) return
  throw new InputError(
    `${other.from}: expected addresses as in ${one.from}, but they were not redacted together, so that one host has two names; collect without --redact, and redact what is replayed`,
  )
}

/** The bundle with a host of that name, which `--etcd-of` gave. Throws InputError where there is none. */
export function bundleOf<B extends Pick<Bundle, 'state'>>(bundles: readonly B[], host: string): B {
  const named = bundles.find(({ state }) => state.hosts.some(({ name }) => name === host))
  if (named === undefined) throw new InputError(`--etcd-of ${host}: no bundle of such a host`)
  return named
}

/** The newest reading that says something, or that of the host that was named. */
function chosen(bundles: readonly ReadBundle[], etcdOf: string | undefined): ReadBundle {
  if (etcdOf !== undefined) return bundleOf(bundles, etcdOf)
  return bundles.reduce((best, one) => (revisionOf(one) > revisionOf(best) ? one : best))
}

function refuseOtherNetworks(bundles: readonly ReadBundle[], reference: ReadBundle): void {
  for (const one of bundles) {
    const problem = isSameNetwork(one, reference)
    if (problem === undefined) continue
    throw new InputError(
      `${one.from}: ${problem} than ${reference.from}: expected bundles of one network; replay it alone, or say with --etcd-of HOST whose etcd counts`,
    )
  }
}

interface Timed {
  readonly bundle: RecordedBundle
  /** When it was taken by the clock of the reference; absent where its own time is none. */
  readonly at?: number
}

function timed(one: ReadBundle, reference: ReadBundle): Timed {
  const { version, at } = one.state.meta
  const ahead = clockAhead(one.reading, reference.reading)
  const isApart = ahead !== undefined && Math.abs(ahead) > ROUNDING_SECONDS
  const own = Date.parse(at)
  const corrected = isApart ? own - ahead * 1000 : own
  const bundle = {
    from: one.from,
    hosts: one.state.hosts.map(({ name }) => name),
    at,
    ...present({ version }),
    ...(isApart && { clockAheadSeconds: Math.round(ahead) }),
    ...(revisionOf(one) === 0 && { etcdUnread: true as const }),
  }
  return { bundle, ...(!Number.isNaN(corrected) && { at: corrected }) }
}

function windowOf(times: readonly Timed[], otherwise: number): MergedState['window'] {
  const known = times.flatMap(({ at }) => at ?? [])
  if (known.length === 0) return { from: otherwise, to: otherwise }
  return { from: known.reduce((a, b) => Math.min(a, b)), to: known.reduce((a, b) => Math.max(a, b)) }
}

/** The hosts of all, under the etcd of one. */
function together(bundles: readonly ReadBundle[], { state: { datastore } }: ReadBundle): SavedState {
  const hosts: readonly SavedHost[] = bundles.flatMap(({ state }) => state.hosts)
  const seen = bundles.flatMap(({ state: { observations } }) => observations ?? [])
  const [{ state: first } = { state: undefined }] = bundles
  const latest = bundles.map(({ state }) => state.meta.at).reduce((a, b) => (a > b ? a : b))
  return {
    meta: {
      schemaVersion: 1,
      kind: 'recorded',
      tool: first?.meta.tool ?? '',
      at: latest,
      hosts: hosts.map(({ sections: _, ...host }) => host),
      complete: bundles.some(({ state }) => state.meta.complete),
      ...present({ version: first?.meta.version, redacted: first?.meta.redacted }),
    },
    hosts,
    datastore,
    ...(seen.length > 0 && { observations: seen }),
  }
}

/**
 * Several saved states as one. Throws InputError where they are not of one network, where a host is in two of them, and
 * where they were redacted apart. `etcdOf` names the host whose reading of etcd counts, whatever the others read.
 */
export function mergeBundles(bundles: readonly Bundle[], etcdOf?: string): MergedState {
  refuseOtherKeys(bundles)
  refuseTwice(bundles)
  const read = bundles.map((bundle) => ({
    ...bundle,
    reading: readingOf(bundle),
  }))
  const reference = chosen(read, etcdOf)
  if (etcdOf === undefined) refuseOtherNetworks(read, reference)
  const times = read.map((one) => timed(one, reference))
  return {
    state: together(read, reference),
    bundles: times.map(({ bundle }) => bundle),
    changed: changedKeys(read, reference),
    window: windowOf(times, reference.reading.at),
  }
}
