/** Pings as metrics. */

import type { Report } from '../document/report.ts'
import { escaped, type Family } from './openmetrics-text.ts'

/** Loss and mean round trip time of every ping that was sent. */
export function pingFamilies({ observations }: Report): Family[] {
  const pings = observations.flatMap((seen) =>
    seen.kind === 'ping' && seen.problem === undefined ? [seen] : [],
  )
  const end = ({ host, container }: { readonly host: string; readonly container?: string }): string =>
    container === undefined ? host : `${host}/${container}`
  const labelled = pings.map((ping) => ({
    ping,
    labels: { from: end(ping.from), to: end(ping.to), path: ping.pattern, size: String(ping.size) },
  }))
  const unique = [
    ...new Map(
      labelled.map((each) => [JSON.stringify(Object.values(each.labels).map(escaped)), each]),
    ).values(),
  ]
  return [
    {
      name: 'flannel_ping_loss_ratio',
      type: 'gauge',
      unit: 'ratio',
      help: 'Pings without an answer, from 0 to 1.',
      samples: unique.map(({ ping, labels }) => ({
        labels,
        value: ping.sent === 0 ? 1 : (ping.sent - ping.received) / ping.sent,
      })),
    },
    {
      name: 'flannel_ping_round_trip_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Mean round trip time.',
      samples: unique.flatMap(({ ping, labels }) =>
        ping.rttMs === undefined ? [] : [{ labels, value: ping.rttMs.avg / 1000 }],
      ),
    },
  ]
}
