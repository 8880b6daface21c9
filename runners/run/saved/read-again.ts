/** Raw text of a saved host for proofs: it is not kept while checks run, but read again for a finding. */
import type { HostSnapshot } from '../../../checks/model/snapshot.ts'
import type { SavedHost } from '../../collect/saved/saved-state.ts'
import { InputError } from '../../input-error.ts'

/** What a host printed; nothing where its files are gone since. */
function textOf(host: SavedHost, name: string): string {
  try {
    return host.sections.find((section) => section.name === name)?.stdout ?? ''
  } catch (error) {
    if (error instanceof InputError) return ''
    throw error
  }
}

/** The same facts, whose raw text is read again where a finding needs it as proof. */
export function readAgain(snapshot: HostSnapshot, host: SavedHost): HostSnapshot {
  const facts = Object.entries(snapshot.facts).map(([name, fact]) => {
    return [name, fact.raw === undefined ? fact : { ...fact, raw: () => textOf(host, name) }] as const
  })
  return { ...snapshot, facts: Object.fromEntries(facts) as HostSnapshot['facts'] }
}
