/** Round trip times of many pings, and their percentiles. */
import type { Measured, RoundTrips } from '../../reports/throughput/throughput.ts'
import { guardedArgv } from '../probe/own/guarded-command.ts'
import { PING_HEADERS, PING_WAIT_S, pingArgv, pingCommand } from '../probe/ping/argv.ts'
import { parsePing } from '../probe/ping/parse.ts'
import { commandFailure, entryFailure, type Side } from './side.ts'

/** The whole IP packet of a usual ping, bytes. */
const SIZE = 56 + PING_HEADERS
/** Only root may ping faster than this, seconds (ping(8)). */
const USUAL_INTERVAL_S = 0.2
/** What a ping may take beyond its requests: starting on a busy host. */
const START_MS = 5000

/** Times of one or more pings in milliseconds; fewer times than `sent` are losses. */
export interface RttSamples {
  readonly sent: number
  readonly times: readonly number[]
}

export interface PingPace {
  readonly count: number
  /** Seconds between requests. */
  readonly interval: number
}

const REPLY = /^\d+ bytes from (\d+\.\d+\.\d+\.\d+): icmp_seq=(\d+) ttl=\d+ time=(\d+(?:\.\d+)?) ms/gm

/** The times that answers of that address took; of an answer that came twice the first. */
export function replyTimes(text: string, address: string): readonly number[] {
  const times = new Map<string, number>()
  for (const [, from, sequence = '', time] of text.matchAll(REPLY)) {
    if (from === address && !times.has(sequence)) times.set(sequence, Number(time))
  }
  return [...times.values()]
}

/** The smallest value that `percent` of all values do not exceed (nearest rank); values in ascending order. */
export function percentile(ascending: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * ascending.length))
  return ascending[rank - 1] ?? Number.NaN
}

/** All samples of several rounds as one; a problem when no answer came at all. */
export function roundTrips(samples: readonly RttSamples[], address: string): Measured<RoundTrips> {
  const sent = samples.reduce((sum, each) => sum + each.sent, 0)
  const times = samples.flatMap((each) => each.times).toSorted((a, b) => a - b)
  if (times.length === 0) return { problem: `none of ${sent} pings to ${address} was answered` }
  return {
    sent,
    received: times.length,
    min: percentile(times, 0),
    p50: percentile(times, 50),
    p90: percentile(times, 90),
    p99: percentile(times, 99),
    max: percentile(times, 100),
  }
}

/** What a person types to see the same. */
export function typedPing(address: string): string {
  return pingCommand({ address, size: SIZE, count: 50 })
}

async function pingAt(
  side: Side,
  address: string,
  { count, interval, signal }: PingPace & { readonly signal: AbortSignal },
): Promise<Measured<RttSamples> | 'too-fast'> {
  const argv = guardedArgv(side.token, pingArgv({ address, size: SIZE, count, interval }))
  const timeoutMs = (count * interval + PING_WAIT_S) * 1000 + START_MS
  const { end, stdout, stderr } = await side.runner.run(argv, { timeoutMs, signal })
  const text = Buffer.from(stdout).toString('utf8')
  const said = `${text}\n${stderr}`
  if (/cannot flood/.test(stderr)) return 'too-fast'
  const isOver = 'exit' in end && end.exit !== 127
  if (!isOver)
    return { problem: commandFailure({ command: 'ping', host: side.host, end, said: stderr.trim() }) }
  const { sent, problem } = parsePing(said, address, end.exit)
  if (problem !== undefined) return { problem: `ping on ${side.host}: ${problem.detail}` }
  return { sent, times: replyTimes(text, address) }
}

/** Pings an address; slower, and as long, where the host only allows that. Never rejects for the host's sake. */
export async function pingSamples(
  side: Side,
  address: string,
  pace: PingPace & { readonly signal: AbortSignal },
): Promise<Measured<RttSamples>> {
  try {
    const first = await pingAt(side, address, pace)
    if (first !== 'too-fast') return first
    const count = Math.max(1, Math.round((pace.count * pace.interval) / USUAL_INTERVAL_S))
    const slower = await pingAt(side, address, { ...pace, count, interval: USUAL_INTERVAL_S })
    return slower === 'too-fast' ? { problem: `ping on ${side.host} is not permitted` } : slower
  } catch (error) {
    return { problem: entryFailure(side.host, error) }
  }
}
