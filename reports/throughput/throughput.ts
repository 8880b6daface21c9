/** The Throughput document: every figure of one `bench`, once. The throughput reporters are pure functions of it. */

export const THROUGHPUT_SCHEMA_VERSION = 1

/** A figure, or why there is none. */
export type Measured<T> = T | { readonly problem: string }

/** One end of a measured path; without a container the host itself, by the address of its container bridge. */
export interface ThroughputEnd {
  readonly host: string
  readonly container?: string
}

/** Round trip times of all answers, milliseconds; percentiles by nearest rank. */
export interface RoundTrips {
  readonly sent: number
  readonly received: number
  readonly min: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** TCP in one direction, over all rounds that could be measured. */
export interface TcpFigures {
  /** What arrived, Mbit/s (10^6), mean of the rounds. */
  readonly mbits: number
  /** The same of each round, in the order they were run. */
  readonly rounds: readonly number[]
  /** Sum of the rounds; absent where the sender's kernel does not tell. */
  readonly retransmits?: number
  /** CPU of the iperf3 process in percent of one core, mean of the rounds. */
  readonly senderCpu?: number
  readonly receiverCpu?: number
  /** Round trips from source to target while this ran. */
  readonly loaded: Measured<RoundTrips>
  /** Why some rounds are not in these figures. */
  readonly missing?: string
}

/** One way between the two ends. */
export interface WayFigures {
  readonly way: 'overlay' | 'underlay'
  /** The address that was measured to; absent when none is known. */
  readonly address?: string
  /** What a person types on both sides to measure the same, source to target. */
  readonly commands?: { readonly server: string; readonly client: string; readonly ping: string }
  /** Source sends. */
  readonly forward: Measured<TcpFigures>
  /** Target sends (`iperf3 -R`). */
  readonly reverse: Measured<TcpFigures>
  /** Round trips while nothing of ours was sent. */
  readonly idle: Measured<RoundTrips>
}

export interface PairFigures {
  readonly from: ThroughputEnd
  readonly to: ThroughputEnd
  /** Overlay first. */
  readonly ways: readonly WayFigures[]
  /** Throughput of the overlay divided by that of the underlay. */
  readonly ratio: { readonly forward?: number; readonly reverse?: number }
}

/** A flannel network that was measured; several when labs were raised for it. */
export interface NetworkFigures {
  /** Absent when the configuration could not be read. */
  readonly backend?: string
  /** `10.5.0.0/16`. */
  readonly network?: string
  /** A lab on one machine, raised for this run, with that flanneld. */
  readonly lab?: { readonly flanneld: string }
  readonly pairs: readonly PairFigures[]
  /** Why there are no pairs, or fewer than asked for. */
  readonly problem?: string
}

/** Backends in the order that is expected of their overlay throughput, and what this run saw. */
export interface BackendOrder {
  readonly expected: readonly string[]
  /** Mean of both directions, Mbit/s, in the expected order. */
  readonly mbits: readonly Measured<number>[]
  /** Overlay by underlay, mean of both directions: unlike `mbits` not changed by what else the machine did meanwhile. */
  readonly ratios: readonly Measured<number>[]
  /** Whether `mbits` fall in that order; absent when a figure is. */
  readonly holds?: boolean
  /** Neighbours in the order of which a slower one had a round faster than one of the faster: `host-gw and vxlan`. */
  readonly overlaps: readonly string[]
}

export interface Throughput {
  readonly schemaVersion: typeof THROUGHPUT_SCHEMA_VERSION
  readonly run: {
    readonly tool: string
    readonly version: string
    /** ISO 8601, UTC. */
    readonly startedAt: string
    readonly durationMs: number
    readonly argv: readonly string[]
    /** Why it is partial. */
    readonly interrupted?: string
  }
  readonly settings: {
    /** Of one measurement. */
    readonly seconds: number
    /** TCP streams side by side. */
    readonly streams: number
    readonly rounds: number
  }
  readonly networks: readonly NetworkFigures[]
  /** Only when more than one backend was asked for. */
  readonly order?: BackendOrder
}

/** Tells a figure from the reason for its absence. */
export function isMeasured<T>(figure: Measured<T>): figure is T {
  return typeof figure !== 'object' || figure === null || !('problem' in figure)
}

/** Everything that could not be measured, each once, as sentences. */
export function problemsOf({ networks, run }: Throughput): readonly string[] {
  const interrupted = run.interrupted === undefined ? [] : [`${run.interrupted}: the figures are partial`]
  const reasons = networks.flatMap(({ problem, pairs }) => [
    ...(problem === undefined ? [] : [problem]),
    ...pairs.flatMap(({ ways }) => ways.flatMap(problemsOfWay)),
  ])
  return [...new Set([...interrupted, ...reasons])]
}

function problemsOfWay({ way, forward, reverse, idle }: WayFigures): readonly string[] {
  const said = (figure: Measured<object>): string[] => ('problem' in figure ? [String(figure.problem)] : [])
  const within = (figure: Measured<TcpFigures>): string[] =>
    isMeasured(figure)
      ? [...said(figure.loaded), ...(figure.missing === undefined ? [] : [figure.missing])]
      : []
  const all = [forward, reverse].flatMap((figure) => [...said(figure), ...within(figure)])
  return [...all, ...said(idle)].map((reason) => `${way}: ${reason}`)
}
