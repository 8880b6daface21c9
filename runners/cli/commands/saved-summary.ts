/** What is said of a collection that was saved, and its exit status. */
import type { CollectedCluster, CollectedHost } from '../../run/collect-cluster.ts'
import type { Say } from '../options/output.ts'

export const UNDECIDED = 3

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

/** Names the hosts that gave nothing or only a part. Gives 0 when every host is there whole, else 3. */
export function saySaved(
  { hosts }: Pick<CollectedCluster, 'hosts'>,
  { directory, asked, stopped }: SavedRun,
  say: Say,
): number {
  const failed = hosts.filter(({ snapshot }) => snapshot.unreachable !== undefined)
  const partial = hosts.filter((host) => isPartial(host, asked))
  for (const { snapshot } of failed) say(`${snapshot.host}: ${snapshot.unreachable}`)
  for (const { snapshot, collected } of partial)
    say(`${snapshot.host}: only ${collected.sections.length} of ${asked} sections`)
  if (stopped !== undefined) say(`${stopped}: the saved state is partial`)
  say(`saved ${hosts.length - failed.length - partial.length} of ${hosts.length} hosts to ${directory}`)
  return failed.length + partial.length > 0 || stopped !== undefined ? UNDECIDED : 0
}
