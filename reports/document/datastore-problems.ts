import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'

/** The leases are in etcd or in Kubernetes: the other one is not missing. */
const STORES = new Set(['etcd', 'kubernetes'])

/** Why something of the datastore is not known, each reason once. */
export function datastoreProblems(datastore: ClusterSnapshot['datastore']): string[] {
  const problems = Object.entries(datastore).flatMap(([name, fact]) =>
    fact.known || (fact.why === 'not-applicable' && STORES.has(name)) ? [] : [fact.detail],
  )
  return [...new Set(problems)]
}
