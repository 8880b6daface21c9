/** What a trace says of the size of its packet, where packets of another size had another fate. */
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { TraceObservation } from '../../model/trace-observation.ts'
import { walkPing } from '../walk.ts'

interface SizedTrace {
  readonly says: string
  readonly ping: { readonly size: number }
}

/** The traces of large packets that were lost where small ones arrive: each says so. */
export function ofLargePackets<T extends SizedTrace>(traces: readonly T[]): readonly T[] {
  const told = ({ ping, says }: SizedTrace) =>
    `small packets arrive, those of ${ping.size} bytes do not: ${says}`
  return traces.map((trace) => ({ ...trace, says: told(trace) }))
}

/** Whether the walk says that packets of this size are lost. */
function isPredictedLost(snapshot: ClusterSnapshot, { from, to, packet }: TraceObservation, size: number) {
  const { request, reply } = walkPing(snapshot, { from, to }, { size, ...packet })
  return [request, reply].some(
    (one) => one !== undefined && one.ends !== 'delivered' && one.ends !== 'not-enough-facts',
  )
}

/** The traces of packets of one size that were lost where those of another arrived: something may go by the length. */
export function ofOtherSize<T extends SizedTrace>(
  snapshot: ClusterSnapshot,
  {
    traces,
    observation,
    answered,
  }: { readonly traces: readonly T[]; readonly observation: TraceObservation; readonly answered: number },
): readonly T[] {
  const { size } = observation
  const isByLength =
    isPredictedLost(snapshot, observation, size) && !isPredictedLost(snapshot, observation, answered)
  const told = isByLength
    ? `packets of ${answered} bytes arrive, those of ${size} do not`
    : `packets of ${answered} bytes arrived and those of ${size} did not, for their length or by chance`
  return traces.map((trace) => ({ ...trace, says: `${told}: ${trace.says}` }))
}

/** The traces of a packet that was asked to be larger than the links of its own ends take: nothing has to carry it. */
export function ofOversize<T extends SizedTrace>(traces: readonly T[], endsTake: number): readonly T[] {
  return traces.map((trace) => ({
    ...trace,
    endsTake,
    says: `${trace.ping.size} bytes are more than the ${endsTake} that the links of these ends take, which is no fault of the network: ${trace.says}`,
  }))
}
