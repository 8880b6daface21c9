/** The findings of a saved state with the raw output that their evidence speaks of. */
import { evaluate } from '../../checks/evaluate.ts'
import type { Finding } from '../../checks/finding.ts'
import type { DatastoreFactName, HostFactName, Source } from '../../checks/model/snapshot.ts'
import { CHECKS } from '../../checks/registry.ts'
import { loadCluster } from './saved-cluster.ts'

export interface DiagnosedFinding {
  readonly finding: Finding
  readonly rawOf: (source: Source) => string | undefined
}

/** Every finding of a saved state. */
export async function diagnosed(state: string): Promise<readonly DiagnosedFinding[]> {
  const { snapshot } = await loadCluster(state)
  const { datastore, hosts } = snapshot
  const rawOf = ({ host, section }: Source): string | undefined => {
    if (host === '') return (datastore[section as DatastoreFactName] ?? datastore.config).raw?.()
    return hosts.get(host)?.facts[section as HostFactName]?.raw?.()
  }
  const checks = CHECKS.filter(({ observes }) => observes === undefined)
  return evaluate(snapshot, checks, snapshot.window.to)
    .flatMap(({ findings }) => findings)
    .map((finding) => ({ finding, rawOf }))
}
