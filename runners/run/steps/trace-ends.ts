/** Which ends of the network a trace was asked for. */
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { besideFlannel, type NoEndpoint, resolveEndpoint } from '../../../checks/trace/endpoint.ts'
import {
  type AskedPort,
  isServiceName,
  kubernetesEnd,
  type NamedEnd,
} from '../../../checks/trace/kubernetes-ends.ts'
import type { Endpoint } from '../../../checks/trace/trace.ts'
import type { Pair } from '../../../checks/trace/walk.ts'
import { InputError } from '../../input-error.ts'

/** An end, and the packet that is sent to it where a service was named. */
interface Resolved extends Pick<NamedEnd, 'packet'> {
  readonly end: Endpoint
}

/** The ends of a trace, and what is sent where nobody said it. */
export interface TracedPair extends Pick<NamedEnd, 'packet'> {
  readonly pair: Pair
}

/** What is traced, as typed. */
interface Words {
  readonly source: string
  readonly target: string
  /** The packet that was asked for. */
  readonly packet?: { readonly protocol: AskedPort['protocol']; readonly destinationPort: number } | undefined
}

function endOf(snapshot: ClusterSnapshot, words: string, asked?: AskedPort): Resolved | NoEndpoint {
  const named = kubernetesEnd(snapshot, words, asked) ?? { words }
  const end = 'problem' in named ? named : resolveEndpoint(snapshot, named.words)
  if ('problem' in end) {
    if (end.unknown) return end
    throw new InputError(end.problem)
  }
  return { end, ...('packet' in named && { packet: named.packet }) }
}

/**
 * What the words of the command line name, or why what was collected cannot tell. Throws InputError when it is no
 * end of this network, or both are one.
 */
export function resolvePair(snapshot: ClusterSnapshot, words: Words): TracedPair | NoEndpoint {
  const { source, target, packet } = words
  const asked = packet && { protocol: packet.protocol, port: packet.destinationPort }
  if (isServiceName(source)) throw new InputError(`${source} sends nothing: name a pod or a host`)
  const [from, to] = [endOf(snapshot, source), endOf(snapshot, target, asked)]
  if ('problem' in from) return from
  if ('problem' in to) return to
  const pair = { from: from.end, to: to.end }
  if (pair.from.address === pair.to.address) throw new InputError(`${source} and ${target} are the same end`)
  const beside = [pair.from, pair.to].flatMap((end) => besideFlannel(snapshot, end) ?? [])
  if (pair.from.host !== pair.to.host && beside[0] !== undefined) throw new InputError(beside[0])
  return { pair, ...(to.packet && { packet: to.packet }) }
}
