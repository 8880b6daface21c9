/** Pings between hosts, by ordered pair. */
import type { Report } from '../document/report.ts'

export interface Way {
  readonly from: string
  readonly to: string
  sent: number
  received: number
  rtt?: number
}

/** Pings by ordered pair of hosts, all sizes and ends together. */
export function waysOf({ observations }: Report): readonly Way[] {
  const ways = new Map<string, Way>()
  for (const seen of observations) {
    if (seen.kind !== 'ping' || seen.problem !== undefined) continue
    const key = `${seen.from.host}\0${seen.to.host}`
    const way = ways.get(key) ?? { from: seen.from.host, to: seen.to.host, sent: 0, received: 0 }
    way.sent += seen.sent
    way.received += seen.received
    if (seen.rttMs !== undefined) way.rtt = Math.max(way.rtt ?? 0, seen.rttMs.avg)
    ways.set(key, way)
  }
  return [...ways.values()]
}

/** Some of its pings were lost. */
export function isTorn({ sent, received }: Way): boolean {
  return received < sent
}
