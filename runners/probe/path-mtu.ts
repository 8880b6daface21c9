/** The largest packet that arrives where small ones do and full-size ones do not: many sizes at once, then between two of them. */
import {
  isPathMtuRemembered,
  type PathMtuObservation,
  type PingObservation,
} from '../../checks/model/observation.ts'
import type { CommandRecord } from '../collect/collect.ts'
import type { PlannedPing } from './planned-ping.ts'
import { type SendSettings, sendPings } from './send.ts'

/** Paths measured in one run; others with the same trouble are likely to share its reason. */
const MOST_PATHS = 4
/** Sizes sent at once, each round a second: 1450 bytes are measured exactly in two rounds, 9000 in three. */
const SIZES = 48
const MOST_ROUNDS = 3
/** A lost packet of a size that fits must not count as too large. */
const COUNT = 2

interface Bounds {
  readonly passes: number
  readonly fails: number
}

/** Sizes strictly between two, evenly spread. */
export function sizesBetween({ passes, fails }: Bounds): readonly number[] {
  const between = fails - passes - 1
  const many = Math.min(SIZES, between)
  return Array.from({ length: many }, (_, n) => passes + Math.round(((n + 1) * (between + 1)) / (many + 1)))
}

function pathKey({ pattern, from, to }: PingObservation): string {
  return JSON.stringify([pattern, from, to])
}

interface NarrowPath {
  readonly small: PingObservation
  readonly full: PingObservation
}

/**
 * Each way once: a ping goes there and back, so that either end measures the same. The end whose own kernel refuses the
 * large ones comes last: ping waits ever longer after such a refusal (iputils `ping_common.c`, `pinger`).
 */
function onceEachWay(paths: readonly NarrowPath[]): readonly NarrowPath[] {
  const inOrder = [...paths].sort(
    (a, b) => Number(a.full.error !== undefined) - Number(b.full.error !== undefined),
  )
  const ways = Map.groupBy(inOrder, ({ full: { from, to } }) =>
    [JSON.stringify(from), JSON.stringify(to)].toSorted().join(),
  )
  return [...ways.values()].flatMap(([first]) => first ?? [])
}

/** Paths whose small packets arrive and whose full-size ones do not. */
function narrowPaths(pings: readonly PingObservation[]): readonly NarrowPath[] {
  const small = new Map(
    pings.filter(({ full, received }) => !full && received > 0).map((ping) => [pathKey(ping), ping]),
  )
  return pings.flatMap((full) => {
    const isLost = full.full && full.problem === undefined && full.received === 0
    const other = isLost && !isPathMtuRemembered(full) && small.get(pathKey(full))
    return other ? [{ small: other, full }] : []
  })
}

/** The bounds after a round: between the largest size that arrived and the next one sent. */
function narrowed(bounds: Bounds, sent: readonly PingObservation[]): Bounds {
  const arrived = sent.filter(({ received }) => received > 0).map(({ size }) => size)
  const passes = Math.max(bounds.passes, ...arrived)
  const lost = sent
    .filter(({ received, size, problem }) => !problem && received === 0 && size > passes)
    .map(({ size }) => size)
  return { passes, fails: Math.min(bounds.fails, ...lost) }
}

/** Measures the path MTU of the first few narrow paths among `observations`; `planned` holds their sources. */
export async function measurePathMtu(
  observations: readonly PingObservation[],
  planned: readonly PlannedPing[],
  settings: SendSettings,
): Promise<{
  readonly observations: readonly PathMtuObservation[]
  readonly commands: readonly CommandRecord[]
}> {
  const commands: CommandRecord[] = []
  const paths = onceEachWay(narrowPaths(observations)).slice(0, MOST_PATHS)
  const measured = await Promise.all(
    paths.map(async ({ small, full }): Promise<PathMtuObservation> => {
      const plan = planned[observations.indexOf(full)] as PlannedPing
      let bounds: Bounds = { passes: small.size, fails: full.size }
      for (let round = 0; round < MOST_ROUNDS && bounds.fails - bounds.passes > 1; round++) {
        const pings = sizesBetween(bounds).map((size) => ({ ...plan, size }))
        const sent = await sendPings(pings, COUNT, { ...settings, isArrivalEnough: true })
        commands.push(...sent.commands)
        bounds = narrowed(bounds, sent.observations)
      }
      const { from, to, address } = full
      return { kind: 'path-mtu', from, to, address, ...bounds }
    }),
  )
  return { observations: measured, commands }
}
