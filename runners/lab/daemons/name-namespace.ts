/** Names for the networks of containers that somebody else has made. */
import { $ } from '../../hosts/command/zx.ts'
import { LabError } from '../lab-error.ts'
import { record } from '../ledger/ledger.ts'
import type { PlannedContainer } from '../plan/plan.ts'

/** Gives the container's network a name, so that it is entered like every other namespace of the lab. */
export async function nameNamespace(
  { directory }: { readonly directory: string },
  container: PlannedContainer,
  pid: number,
): Promise<void> {
  record(directory, { kind: 'namespace', name: container.namespace })
  const { ok, stderr } = await $`ip netns attach ${container.namespace} ${pid}`
  if (!ok) throw new LabError('failed', `cannot name the network of ${container.name}: ${stderr.trim()}`)
}
