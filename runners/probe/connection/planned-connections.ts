/** Which connections are tried: those between ends whose pings of either size are answered, since a lost one has told already. */
import {
  CONNECTION_PROTOCOLS,
  type ConnectionObservation,
  type PingObservation,
} from '../../../checks/model/observation.ts'
import { present } from '../../../checks/model/present.ts'
import type { ContainerEnd } from '../ends.ts'
import type { PlannedPing } from '../planned-ping.ts'

/** A connection to be tried once its listener is there. */
export interface PlannedConnection
  extends Pick<ConnectionObservation, 'protocol' | 'from' | 'to' | 'address'> {
  /** The container it begins in; absent for the host itself. */
  readonly source?: ContainerEnd
  readonly target: ContainerEnd
}

/**
 * Between the containers of every probed pair; from the host itself where it has none. A host's own address is no target:
 * which ports it takes is the host's business.
 */
export function plannedConnections(
  planned: readonly PlannedPing[],
  pings: readonly PingObservation[],
): readonly PlannedConnection[] {
  const lost = planned.filter((_, at) => pings[at]?.received === 0)
  const silent = new Set(lost.map(({ from, to }) => JSON.stringify([from, to])))
  const reached = planned.filter(({ full, from, to }) => !full && !silent.has(JSON.stringify([from, to])))
  const ofContainers = new Set(planned.flatMap(({ pattern, from }) => (pattern === 'cc' ? [from.host] : [])))
  return reached.flatMap(({ pattern, from, to, address, source, target }) => {
    const isChosen = pattern === 'cc' || (pattern === 'hc' && !ofContainers.has(from.host))
    if (!isChosen || target === undefined) return []
    const ends = { from, to, address, target, ...present({ source }) }
    return CONNECTION_PROTOCOLS.map((protocol) => ({ protocol, ...ends }))
  })
}
