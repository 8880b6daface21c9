/** One TCP measurement: server, client, and pings beside them. */
import { isMeasured, type Measured } from '../../reports/throughput/throughput.ts'
import { guardedArgv } from '../probe/own/guarded-command.ts'
import { clientArgv } from './iperf-argv.ts'
import { parseIperf, type TcpReading } from './iperf-result.ts'
import { openIperfServer } from './iperf-server.ts'
import { pingSamples, type RttSamples } from './round-trips.ts'
import { commandFailure, entryFailure, type Side } from './side.ts'

/** Between two pings under load, seconds; they must not be load themselves. */
const LOADED_INTERVAL_S = 0.05
/** What a client may take beyond its seconds: connecting, and fetching the other side's figures through full queues. */
const CLIENT_MS = 15_000
/** 60 seconds of 128 streams are about 2 MB of JSON. */
const MOST_BYTES = 16 * 1024 * 1024

/** One way from source to target. */
export interface Way {
  readonly kind: 'overlay' | 'underlay'
  readonly source: Side
  readonly target: Side
  /** Where the source sends to. */
  readonly address: string
  /** Where the server listens: the same, except behind NAT. */
  readonly bind: string
}

export interface TcpOptions {
  readonly seconds: number
  readonly streams: number
  readonly reverse: boolean
  readonly signal: AbortSignal
}

export interface LoadedReading extends TcpReading {
  readonly loaded: Measured<RttSamples>
}

async function runClient(way: Way, port: number, options: TcpOptions): Promise<Measured<TcpReading>> {
  const { seconds, streams, reverse, signal } = options
  const { runner, token, host } = way.source
  const argv = guardedArgv(token, clientArgv({ address: way.address, port, seconds, streams, reverse }))
  const timeoutMs = seconds * 1000 + CLIENT_MS
  const { end, stdout, stderr } = await runner.run(argv, { timeoutMs, signal, maxBytes: MOST_BYTES })
  if ('exit' in end && stdout.length > 0) return parseIperf(Buffer.from(stdout).toString('utf8'))
  return { problem: commandFailure({ command: 'iperf3', host, end, said: stderr.trim() }) }
}

/** Measures once. Never rejects for a host's sake. */
export async function measureTcp(way: Way, options: TcpOptions): Promise<Measured<LoadedReading>> {
  const { seconds, signal } = options
  const server = await openIperfServer(way.target, way.bind, signal)
  if (!isMeasured(server)) return server
  try {
    const pace = {
      count: Math.max(1, Math.floor(seconds / LOADED_INTERVAL_S) - 1),
      interval: LOADED_INTERVAL_S,
      signal,
    }
    const [reading, loaded] = await Promise.all([
      runClient(way, server.port, options),
      pingSamples(way.source, way.address, pace),
    ])
    return isMeasured(reading) ? { ...reading, loaded } : reading
  } catch (error) {
    return { problem: entryFailure(way.source.host, error) }
  } finally {
    await server.stop()
  }
}
