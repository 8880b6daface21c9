/** The figures of a Throughput document as words, the same in every format. */
import { endName } from '../words/end-name.ts'
import { plural } from '../words/subject-text.ts'
import {
  isMeasured,
  type Measured,
  type NetworkFigures,
  type PairFigures,
  problemsOf,
  type RoundTrips,
  type TcpFigures,
  type Throughput,
  type WayFigures,
} from './throughput.ts'

/** Stands for a figure there is none of. */
const NONE = '-'

export const TCP_COLUMNS = ['Mbit/s', 'ratio', 'retransmits', 'CPU sender', 'CPU receiver'] as const
export const RTT_COLUMNS = ['p50', 'p90', 'p99', 'max', 'lost'] as const

/** A throughput bar. */
export interface Bar {
  readonly label: string
  readonly way: WayFigures['way']
  readonly mbits: number
}

export interface RoundTripRow {
  readonly label: string
  readonly way: WayFigures['way']
  readonly trips: Measured<RoundTrips>
}

export interface TcpRow {
  readonly label: string
  readonly way: WayFigures['way']
  readonly figures: Measured<TcpFigures>
  /** Overlay by underlay; on overlay rows only. */
  readonly ratio?: number
}

/** Whole numbers from 10 up, one digit below. */
export function mbitsText(mbits: number): string {
  return mbits.toFixed(mbits < 10 ? 1 : 0)
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 3 : 1)
}

function percent(value: number | undefined): string {
  return value === undefined ? NONE : `${value.toFixed(0)} %`
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? NONE : ratio.toFixed(2)
}

/** The cells under TCP_COLUMNS. */
export function tcpCells({ figures, ratio }: TcpRow): readonly string[] {
  if (!isMeasured(figures)) return TCP_COLUMNS.map(() => NONE)
  const { mbits, retransmits, senderCpu, receiverCpu } = figures
  return [
    mbitsText(mbits),
    ratioText(ratio),
    `${retransmits ?? NONE}`,
    percent(senderCpu),
    percent(receiverCpu),
  ]
}

/** The cells under RTT_COLUMNS: milliseconds, and how many of the pings were not answered. */
export function roundTripCells({ trips }: RoundTripRow): readonly string[] {
  if (!isMeasured(trips)) return RTT_COLUMNS.map(() => NONE)
  const { p50, p90, p99, max, sent, received } = trips
  return [...[p50, p90, p99, max].map(ms), `${sent - received}/${sent}`]
}

/** `→` source sends, `←` target sends. */
export function tcpRows({ ways, ratio }: PairFigures): readonly TcpRow[] {
  return ways.flatMap(({ way, forward, reverse }) => {
    const of = (value: number | undefined) =>
      way === 'overlay' && value !== undefined ? { ratio: value } : {}
    return [
      { label: `${way} →`, way, figures: forward, ...of(ratio.forward) },
      { label: `${way} ←`, way, figures: reverse, ...of(ratio.reverse) },
    ]
  })
}

export function roundTripRows({ ways }: PairFigures): readonly RoundTripRow[] {
  return ways.flatMap(({ way, idle, forward, reverse }) => [
    { label: `${way} idle`, way, trips: idle },
    ...(isMeasured(forward) ? [{ label: `${way} under → load`, way, trips: forward.loaded }] : []),
    ...(isMeasured(reverse) ? [{ label: `${way} under ← load`, way, trips: reverse.loaded }] : []),
  ])
}

/** What is drawn of a pair. */
export function barsOf(pair: PairFigures): readonly Bar[] {
  return tcpRows(pair).flatMap(({ label, way, figures }) =>
    isMeasured(figures) ? [{ label, way, mbits: figures.mbits }] : [],
  )
}

/** The largest throughput of the document, so that all bars have one scale; at least 1. */
export function largestMbits({ networks }: Throughput): number {
  const all = networks.flatMap(({ pairs }) => pairs.flatMap(barsOf))
  return Math.max(1, ...all.map(({ mbits }) => mbits))
}

export function networkText({ backend, network, lab }: NetworkFigures): string {
  const words = [backend ?? 'backend unknown', ...(network === undefined ? [] : [network])]
  return lab === undefined ? words.join(' ') : `${words.join(' ')}, lab with flanneld ${lab.flanneld}`
}

export function pairText({ from, to }: PairFigures): string {
  return `${endName(from)} → ${endName(to)}`
}

/** How it was measured, in one sentence. */
export function settingsText({ settings: { seconds, streams, rounds } }: Throughput): string {
  return `${plural(rounds, 'round')} of ${seconds} s in each direction, ${plural(streams, 'TCP stream')}, overlay and underlay in turn`
}

/** Which backend was faster, in one sentence; undefined without an order. */
export function orderText({ order }: Throughput): string | undefined {
  if (order === undefined) return undefined
  const figures = order.expected.map((backend, at) => {
    const [mbits, ratio] = [order.mbits[at], order.ratios[at]]
    const measured = mbits !== undefined && isMeasured(mbits) ? mbitsText(mbits) : 'not measured'
    const relative = ratio !== undefined && isMeasured(ratio) ? ` (${ratioText(ratio)} of the underlay)` : ''
    return `${backend} ${measured}${relative}`
  })
  const expected = order.expected.join(' > ')
  const mbits = `in Mbit/s ${figures.join(', ')}`
  if (order.holds === undefined) return `the order ${expected} is not known: ${mbits}`
  const close = order.overlaps.map((names) => `; single rounds of ${names} overlap`).join('')
  return `the order ${expected} ${order.holds ? 'holds' : 'does not hold'} in this run: ${mbits}${close}`
}

/** Rounds from which on their differences tell how far the figures scatter. */
const ENOUGH_ROUNDS = 3

/** What of the figures is chance, in sentences. */
export function noiseLines({ networks, settings: { rounds } }: Throughput): readonly string[] {
  const faster = networks.flatMap(({ pairs }) =>
    pairs.flatMap((pair) => {
      const ratios = Object.values(pair.ratio).filter((ratio) => ratio !== undefined && ratio > 1)
      return ratios.length === 0
        ? []
        : [
            `${pairText(pair)}: the overlay seems faster than its underlay (${ratios.map(ratioText).join(', ')}), which it cannot be: the difference is noise`,
          ]
    }),
  )
  const few =
    rounds < ENOUGH_ROUNDS
      ? [
          `${rounds === 1 ? 'one round tells' : `${rounds} rounds tell`} little about noise: take --rounds 5 before you compare figures`,
        ]
      : []
  return [...faster, ...few]
}

/** MEASURED when there is every figure, else PARTLY MEASURED, NOT MEASURED without any. */
export function verdictText(throughput: Throughput): string {
  if (problemsOf(throughput).length === 0) return 'MEASURED'
  const any = throughput.networks.some(({ pairs }) =>
    pairs.some(({ ways }) =>
      ways.some(({ forward, reverse, idle }) => [forward, reverse, idle].some((each) => isMeasured(each))),
    ),
  )
  return any ? 'PARTLY MEASURED' : 'NOT MEASURED'
}
