/** What is said of a collection that was saved, and its exit status. */
import { datastoreProblems } from '../../../reports/document/datastore-problems.ts'
import type { CollectedCluster, CollectedHost } from '../../run/collecting/collect-cluster.ts'
import type { Say } from '../options/output.ts'

export const UNDECIDED = 3
/** Reasons that are told. */
const MOST_PROBLEMS = 4

/** True for a host of which a stop left some facts uncollected. */
function isPartial({ snapshot, collected }: CollectedHost, asked: number): boolean {
  return snapshot.unreachable === undefined && collected.sections.length < asked
}

interface SavedRun {
  readonly directory: string
  /** Sections that each host was asked for. */
  readonly asked: number
  readonly stopped: string | undefined
}

/** Names the hosts that gave nothing or only a part. Gives 0 when there are hosts, every one whole, else 3. */
export function saySaved(
  { hosts, snapshot: { datastore } }: Pick<CollectedCluster, 'hosts' | 'snapshot'>,
  { directory, asked, stopped }: SavedRun,
  say: Say,
): number {
  const failed = hosts.filter(({ snapshot }) => snapshot.unreachable !== undefined)
  const partial = hosts.filter((host) => isPartial(host, asked))
  for (const { snapshot } of failed) say(`${snapshot.host}: ${snapshot.unreachable}`)
  for (const { snapshot, collected } of partial)
    say(`${snapshot.host}: only ${collected.sections.length} of ${asked} sections`)
  if (stopped !== undefined) say(`${stopped}: the saved state is partial`)
  if (!datastore.leases.known)
    say(`no leases in the saved state: ${datastoreProblems(datastore).slice(0, MOST_PROBLEMS).join('; ')}`)
  say(`saved ${hosts.length - failed.length - partial.length} of ${hosts.length} hosts to ${directory}`)
  const isWhole = hosts.length > 0 && failed.length + partial.length === 0 && stopped === undefined
  return isWhole ? 0 : UNDECIDED
}
