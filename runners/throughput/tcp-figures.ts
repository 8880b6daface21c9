/** Rounds to figures. */

import { present } from '../../checks/model/present.ts'
import {
  isMeasured,
  type Measured,
  type TcpFigures,
  type WayFigures,
} from '../../reports/throughput/throughput.ts'
import type { LoadedReading } from './measure-tcp.ts'
import { type RttSamples, roundTrips } from './round-trips.ts'

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Mean of what is known; undefined when nothing is. */
export function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : sum(known) / known.length
}

/** Samples of all rounds as one figure; why there is none when no round has any. */
export function pooledTrips(
  rounds: readonly Measured<RttSamples>[],
  address: string,
): ReturnType<typeof roundTrips> {
  const samples = rounds.filter((round) => isMeasured(round))
  const [first] = rounds
  if (samples.length > 0) return roundTrips(samples, address)
  return { problem: first !== undefined && !isMeasured(first) ? first.problem : 'it was not begun' }
}

/** The rounds of one direction as one figure. */
export function tcpFigures(
  rounds: readonly Measured<LoadedReading>[],
  address: string,
): Measured<TcpFigures> {
  const readings = rounds.filter((round) => isMeasured(round))
  const failed = rounds.find((round) => !isMeasured(round))
  const why = failed !== undefined && !isMeasured(failed) ? failed.problem : undefined
  if (readings.length === 0) return { problem: why ?? 'it was not begun' }
  const retransmits = readings.map((each) => each.retransmits)
  const missing = `${rounds.length - readings.length} of ${rounds.length} rounds: ${why}`
  return {
    mbits: sum(readings.map(({ mbits }) => mbits)) / readings.length,
    rounds: readings.map(({ mbits }) => mbits),
    ...present({
      retransmits: retransmits.includes(undefined) ? undefined : sum(retransmits.map(Number)),
      senderCpu: mean(readings.map(({ senderCpu }) => senderCpu)),
      receiverCpu: mean(readings.map(({ receiverCpu }) => receiverCpu)),
    }),
    loaded: pooledTrips(
      readings.map(({ loaded }) => loaded),
      address,
    ),
    ...(why !== undefined && { missing }),
  }
}

type Direction = 'forward' | 'reverse'

/** Overlay by underlay, where both were measured and the underlay carried something. */
export function ratioOf(ways: readonly WayFigures[], direction: Direction): number | undefined {
  const mbits = (['overlay', 'underlay'] as const).map((kind) => {
    const figures = ways.find(({ way }) => way === kind)?.[direction]
    return figures !== undefined && isMeasured(figures) ? figures.mbits : undefined
  })
  const [overlay, underlay] = mbits
  return overlay === undefined || underlay === undefined || underlay === 0 ? undefined : overlay / underlay
}
