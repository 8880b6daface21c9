/** A Throughput document and its renderings, for tests. */
import type { Throughput, WayFigures } from './throughput.ts'
import { THROUGHPUT_FORMATS } from './throughput-formats.ts'

const PLAIN = { color: false, width: 100 }
export const TRIPS = { sent: 100, received: 99, min: 0.05, p50: 0.11, p90: 0.2, p99: 1.5, max: 12.25 }

/** Figures of one way, the same in both directions. */
export function way(kind: WayFigures['way'], mbits: number): WayFigures {
  const tcp = { mbits, rounds: [mbits], retransmits: 3, senderCpu: 81.4, receiverCpu: 40, loaded: TRIPS }
  const commands = { server: 'iperf3 -s', client: 'iperf3 -c 10.5.63.2', ping: 'ping 10.5.63.2' }
  return { way: kind, address: '10.5.63.2', commands, forward: tcp, reverse: tcp, idle: TRIPS }
}

/** A document with every figure. */
export const WHOLE: Throughput = {
  schemaVersion: 1,
  run: {
    tool: 'flannel-doctor',
    version: '0',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 9000,
    argv: [],
  },
  settings: { seconds: 3, streams: 1, rounds: 2 },
  networks: [
    {
      backend: 'vxlan',
      network: '10.5.0.0/16',
      pairs: [
        {
          from: { host: 'h1', container: 'h1c1' },
          to: { host: 'h2' },
          ways: [way('overlay', 6000), way('underlay', 9000)],
          ratio: { forward: 2 / 3, reverse: 2 / 3 },
        },
      ],
    },
  ],
}

/** The document in a format. */
export function rendered(name: string, throughput: Throughput): string {
  return THROUGHPUT_FORMATS[name]?.(throughput, PLAIN) ?? ''
}
