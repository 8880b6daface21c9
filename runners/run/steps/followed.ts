/** What following packets brings, and how it joins what was gathered. */
import type { Observation } from '../../../checks/model/observation.ts'
import { present } from '../../../checks/model/present.ts'
import type { TraceObservation } from '../../../checks/model/trace-observation.ts'
import type { RecordedCommand } from '../../../reports/document/build-report.ts'
import type { RungReports } from '../../trace/rungs.ts'
import type { Gathered } from './step.ts'

/** A slice of a capture that shows where the ping passed. */
export interface CaptureProof {
  readonly host: string
  readonly container?: string
  readonly link: string
  /** The whole IP packet of the ping, bytes, where another of this run was smaller. */
  readonly size?: number
  readonly pcap: Uint8Array
}

/** What following a packet brings. */
export interface Followed {
  readonly observations: readonly TraceObservation[]
  readonly proofs: readonly CaptureProof[]
  readonly commands: readonly RecordedCommand[]
}

/** The captures of one packet as slices that show it. */
export function proofsOf({ captures }: RungReports): readonly CaptureProof[] {
  return captures.map(({ place: { host, container, link }, pcap }) => ({
    host,
    link,
    pcap,
    ...present({ container }),
  }))
}

/** Several of them as one. */
export function joined(parts: readonly Followed[]): Followed {
  return {
    observations: parts.flatMap(({ observations }) => observations),
    proofs: parts.flatMap(({ proofs }) => proofs),
    commands: parts.flatMap(({ commands }) => commands),
  }
}

/** What following a packet brought, or why it could not be followed. */
interface WithObservations extends Partial<Omit<Followed, 'observations'>> {
  readonly observations: readonly Observation[]
}

/** What was gathered, with what following a packet brought. */
export function withFollowed(
  gathered: Gathered,
  { observations: more, proofs = [], commands = [] }: WithObservations,
): Gathered {
  const { collected } = gathered
  const observations = [...(collected.snapshot.observations ?? []), ...more]
  return {
    ...gathered,
    collected: {
      ...collected,
      snapshot: { ...collected.snapshot, observations },
      commands: [...collected.commands, ...commands],
    },
    proofs: [...gathered.proofs, ...proofs],
  }
}
