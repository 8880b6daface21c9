/** All rounds of one pair: overlay and underlay in turn, so that what changes meanwhile meets both. */

import { present } from '../../checks/model/present.ts'
import {
  isMeasured,
  type Measured,
  type PairFigures,
  type WayFigures,
} from '../../reports/throughput/throughput.ts'
import { mbitsText } from '../../reports/throughput/throughput-rows.ts'
import { endName } from '../../reports/words/end-name.ts'
import { type ShowProgress, shownWhile } from '../show-progress.ts'
import { typedCommands } from './iperf-argv.ts'
import { type LoadedReading, measureTcp, type Way } from './measure-tcp.ts'
import { pingSamples, type RttSamples, typedPing } from './round-trips.ts'
import { pooledTrips, ratioOf, tcpFigures } from './tcp-figures.ts'

/** Requests of a round without load, and the seconds between them. */
const IDLE = { count: 50, interval: 0.02 } as const

export interface BenchSettings {
  readonly seconds: number
  readonly streams: number
  readonly rounds: number
  readonly signal: AbortSignal
  /** Called with one line after each measurement. */
  readonly say: (line: string) => void
  readonly show?: ShowProgress
}

/** What is measured between two ends. */
export interface BenchPair extends Pick<PairFigures, 'from' | 'to'> {
  /** Overlay first. */
  readonly ways: readonly Way[]
  /** Ways there are none of, with the reason. */
  readonly missing: readonly { readonly way: Way['kind']; readonly problem: string }[]
}

interface Rounds {
  readonly way: Way
  readonly idle: Measured<RttSamples>[]
  readonly forward: Measured<LoadedReading>[]
  readonly reverse: Measured<LoadedReading>[]
}

/** How long a pair takes when nothing is slow, seconds. */
export function pairSeconds({ seconds, rounds }: Pick<BenchSettings, 'seconds' | 'rounds'>): number {
  return rounds * 2 * (IDLE.count * IDLE.interval + 2 * seconds)
}

async function measureWay(rounds: Rounds, settings: BenchSettings, title: string): Promise<void> {
  const { way, idle } = rounds
  const { signal, say, show } = settings
  idle.push(await pingSamples(way.source, way.address, { ...IDLE, signal }))
  for (const direction of ['forward', 'reverse'] as const) {
    if (signal.aborted) return
    const arrow = direction === 'forward' ? '→' : '←'
    const reading = await shownWhile(show, `measuring ${title}, ${way.kind} ${arrow}`, () =>
      measureTcp(way, { ...settings, reverse: direction === 'reverse' }),
    )
    rounds[direction].push(reading)
    const figure = isMeasured(reading) ? `${mbitsText(reading.mbits)} Mbit/s` : reading.problem
    say(`${title}, ${way.kind} ${arrow}: ${figure}`)
  }
}

function wayFigures({ way, idle, forward, reverse }: Rounds, settings: BenchSettings): WayFigures {
  const { address, bind, kind } = way
  const commands = { ...typedCommands(bind, { ...settings, address }), ping: typedPing(address) }
  return {
    way: kind,
    address,
    commands,
    forward: tcpFigures(forward, address),
    reverse: tcpFigures(reverse, address),
    idle: pooledTrips(idle, address),
  }
}

function absentWay({ way, problem }: BenchPair['missing'][number]): WayFigures {
  const none = { problem }
  return { way, forward: none, reverse: none, idle: none }
}

/** Measures a pair. Never rejects for a host's sake; an aborted signal leaves the rest unmeasured. */
export async function measurePair(pair: BenchPair, settings: BenchSettings): Promise<PairFigures> {
  const { from, to } = pair
  const all = pair.ways.map((way): Rounds => ({ way, idle: [], forward: [], reverse: [] }))
  for (let round = 1; round <= settings.rounds; round++) {
    const title = `${endName(from)} → ${endName(to)}, round ${round} of ${settings.rounds}`
    for (const rounds of all) {
      if (!settings.signal.aborted) await measureWay(rounds, settings, title)
    }
  }
  const measured = [...all.map((rounds) => wayFigures(rounds, settings)), ...pair.missing.map(absentWay)]
  const ways = measured.toSorted((a, b) => a.way.localeCompare(b.way))
  const [forward, reverse] = [ratioOf(ways, 'forward'), ratioOf(ways, 'reverse')]
  return {
    from,
    to,
    ways,
    ratio: present({ forward, reverse }),
  }
}
