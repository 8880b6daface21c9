/** Entries of the FDB of a host, of vxlan links and of bridges alike. */
import { knownValue } from '../../expected/observed-host.ts'
import type { FdbEntry } from '../../model/fdb.ts'
import { fdbEntriesFor } from '../../model/table-lookup.ts'
import type { HostView } from './world.ts'

/** The entries for a MAC in their order; none where the table was not read. */
export function entriesFor({ facts }: HostView, mac: string): readonly FdbEntry[] {
  const entries = knownValue(facts.fdb)
  return entries === undefined ? [] : fdbEntriesFor(entries, mac)
}

const masters = new WeakMap<readonly FdbEntry[], ReadonlySet<string | undefined>>()

/** True where the table has entries of a bridge. */
export function hasEntriesOf(entries: readonly FdbEntry[], bridge: string): boolean {
  const known = masters.get(entries) ?? new Set(entries.map(({ master }) => master))
  masters.set(entries, known)
  return known.has(bridge)
}
