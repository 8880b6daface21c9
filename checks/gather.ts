/** Picks the facts a check declared out of a snapshot. */
import type {
  ClusterSnapshot,
  DatastoreFactName,
  Fact,
  FactName,
  HostFactName,
  HostSnapshot,
  Source,
} from './model/snapshot.ts'
import { DATASTORE_FACTS } from './model/snapshot.ts'

/** True for a fact of the datastore, false for one of a host. */
export function isDatastoreFact(name: FactName): name is DatastoreFactName {
  return (DATASTORE_FACTS as readonly string[]).includes(name)
}

function factOf(
  snapshot: ClusterSnapshot,
  host: HostSnapshot | undefined,
  name: FactName,
): Fact<unknown> | undefined {
  if (isDatastoreFact(name)) return snapshot.datastore[name]
  return host?.facts[name as HostFactName]
}

/** The declared facts by name with their sources, or the first one that is absent. */
export interface Gathered {
  readonly facts: Record<string, unknown>
  readonly sources: Record<string, Source>
  readonly absent: { readonly name: FactName; readonly fact: Fact<unknown> & { known: false } } | undefined
}

/** Gathers the facts a check declared from a host and the datastore. */
export function gather(
  snapshot: ClusterSnapshot,
  host: HostSnapshot | undefined,
  needs: readonly FactName[],
): Gathered {
  const facts: Record<string, unknown> = {}
  const sources: Record<string, Source> = {}
  for (const name of needs) {
    const fact = factOf(snapshot, host, name)
    if (fact === undefined) continue
    if (!fact.known) return { facts, sources, absent: { name, fact } }
    facts[name] = fact.value
    sources[name] = fact.from
  }
  return { facts, sources, absent: undefined }
}
