/** Entries of the FDB of a host, of vxlan links and of bridges alike. */
import { knownValue } from '../../expected/observed-host.ts'
import { alone } from '../../model/alone.ts'
import type { FdbEntry } from '../../model/fdb.ts'
import type { HostView } from './world.ts'

const indexes = new WeakMap<readonly FdbEntry[], ReadonlyMap<string, readonly FdbEntry[]>>()

function byMac(entries: readonly FdbEntry[]): ReadonlyMap<string, readonly FdbEntry[]> {
  const known = indexes.get(entries)
  if (known) return known
  const found = new Map<string, readonly FdbEntry[]>(Map.groupBy(entries, ({ mac }) => mac))
  for (const [mac, [first, ...more]] of found) if (first && more.length === 0) found.set(mac, alone(first))
  indexes.set(entries, found)
  return found
}

/** The entries for a MAC in their order; none where the table was not read. */
export function entriesFor({ facts }: HostView, mac: string): readonly FdbEntry[] {
  const entries = knownValue(facts.fdb)
  return entries === undefined ? [] : (byMac(entries).get(mac) ?? [])
}
