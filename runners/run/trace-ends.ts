/** Which ends of the network a trace was asked for. */
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { besideFlannel, isEndpoint, type NoEndpoint, resolveEndpoint } from '../../checks/trace/endpoint.ts'
import type { Endpoint } from '../../checks/trace/trace.ts'
import type { Pair } from '../../checks/trace/walk.ts'
import { InputError } from '../input-error.ts'

function endOf(snapshot: ClusterSnapshot, words: string): Endpoint | NoEndpoint {
  const end = resolveEndpoint(snapshot, words)
  if (isEndpoint(end) || end.unknown) return end
  throw new InputError(end.problem)
}

/**
 * What the words of the command line name, or why what was collected cannot tell. Throws InputError when it is no
 * end of this network, or both are one.
 */
export function resolvePair(snapshot: ClusterSnapshot, source: string, target: string): Pair | NoEndpoint {
  const [from, to] = [endOf(snapshot, source), endOf(snapshot, target)]
  if (!isEndpoint(from)) return from
  if (!isEndpoint(to)) return to
  if (from.address === to.address) throw new InputError(`${source} and ${target} are the same end`)
  const beside = [from, to].flatMap((end) => besideFlannel(snapshot, end) ?? [])
  if (from.host !== to.host && beside[0] !== undefined) throw new InputError(beside[0])
  return { from, to }
}
