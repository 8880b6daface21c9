/** Entries of the FDB of a host, of vxlan links and of bridges alike. */
import { knownValue } from '../../expected/observed-host.ts'
import type { FdbEntry } from '../../model/fdb.ts'
import { byMac, fdbEntriesFor } from '../../model/table-lookup.ts'
import type { HostView } from './world.ts'

/** The entries for a MAC in their order; none where the table was not read. */
export function entriesFor({ facts }: HostView, mac: string): readonly FdbEntry[] {
  const entries = knownValue(facts.fdb)
  return entries === undefined ? [] : fdbEntriesFor(entries, mac)
}

const ofBridges = new WeakMap<readonly FdbEntry[], readonly FdbEntry[]>()

/** True where the table has entries of a bridge. Those of bridges are few in what hosts have in common. */
export function hasEntriesOf(entries: readonly FdbEntry[], bridge: string): boolean {
  const { common, own, without } = byMac(entries)
  const shared = ofBridges.get(common) ?? common.filter(({ master }) => master !== undefined)
  ofBridges.set(common, shared)
  return [...own, ...shared].some((entry) => entry.master === bridge && !without.has(entry))
}
