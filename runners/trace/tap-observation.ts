/** What one tap saw, without the packet that carries ours where it has no business. */
import { present } from '../../checks/model/present.ts'
import type { TapObservation, TapPoint } from '../../checks/model/trace-observation.ts'
import type { TapReport } from '../probe/capture/taps.ts'

/**
 * On a container bridge and in a container the packet goes by itself. Where a published port has the tunnel's UDP port, the
 * packet that carries it comes there as well: ours was taken out nowhere.
 */
function isInside({ container, stage }: TapPoint): boolean {
  return container !== undefined || stage === 'bridge' || stage === 'bridge-in'
}

/** What the tap at a place has to say. */
export function tapObservation(
  place: TapPoint,
  { sightings, unproven }: Pick<TapReport, 'sightings' | 'unproven'>,
): TapObservation {
  const own = isInside(place) ? sightings.filter(({ envelope }) => envelope === undefined) : sightings
  return {
    place,
    sightings: own.map(({ part, sequence, at }) => ({ part, sequence, at })),
    ...present({ unproven }),
  }
}
