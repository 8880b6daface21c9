/** Pings put together by pair of hosts, both directions, and troubled pairs to as few places as tell the same. */
import type { Observation, PingObservation, PingPattern } from '../model/observation.ts'
import { endName } from '../model/path.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { reasonsByPlace } from '../reasons-by-place.ts'

/** `partly`: some requests were answered. */
export type PathState = 'ok' | 'lost' | 'partly'
export type PathStates = Readonly<Partial<Record<PingPattern, PathState>>>

/** Two hosts, `a` before `b` in the order of the names. */
export interface HostPair {
  readonly a: HostName
  readonly b: HostName
  /** Pings from a to b and from b to a; those that could not be sent are left out. */
  readonly forth: readonly PingObservation[]
  readonly back: readonly PingObservation[]
}

/** Two hosts between which something was sent. */
type Between = Pick<HostPair, 'a' | 'b'>

/** Where trouble is: between two hosts, between one and all others, or (neither set) between any two. */
export interface Extent<P extends Between = HostPair> {
  readonly host?: HostName
  readonly peer?: HostName
  readonly pairs: readonly P[]
}

function allPings(snapshot: ClusterSnapshot): readonly PingObservation[] {
  return (snapshot.observations ?? []).filter((seen): seen is PingObservation => seen.kind === 'ping')
}

/** Pings between hosts that were looked at. */
export function pingsOf(snapshot: ClusterSnapshot): readonly PingObservation[] {
  return allPings(snapshot).filter(({ to }) => to.lease === undefined)
}

/** Pings to hosts of which only the lease is known. */
export function leasePingsOf(snapshot: ClusterSnapshot): readonly PingObservation[] {
  return allPings(snapshot).filter(({ to }) => to.lease !== undefined)
}

/** The pings that were sent, by pair of hosts. */
export function hostPairs(pings: readonly PingObservation[]): readonly HostPair[] {
  const pairs = new Map<
    string,
    { a: HostName; b: HostName; forth: PingObservation[]; back: PingObservation[] }
  >()
  for (const ping of pings) {
    const [from, to] = [ping.from.host, ping.to.host]
    const [a, b] = from < to ? [from, to] : [to, from]
    const key = JSON.stringify([a, b])
    const pair = pairs.get(key) ?? { a, b, forth: [], back: [] }
    if (ping.problem === undefined) (from === a ? pair.forth : pair.back).push(ping)
    pairs.set(key, pair)
  }
  return [...pairs.values()]
}

function stateOf({ sent, received }: PingObservation): PathState {
  if (received === 0) return 'lost'
  return received < sent ? 'partly' : 'ok'
}

/** How the small pings of one direction ended, by pattern. */
export function smallStates(pings: readonly PingObservation[]): PathStates {
  return Object.fromEntries(pings.filter(({ full }) => !full).map((ping) => [ping.pattern, stateOf(ping)]))
}

/** Patterns that go through the overlay. */
const OVERLAY = ['hd', 'cd', 'hc', 'cc'] as const

/** How the small pings through the overlay ended that were sent, of the given directions. */
export function overlayStates(directions: readonly PathStates[]): readonly string[] {
  return directions.flatMap((states) => OVERLAY.flatMap((pattern) => states[pattern] ?? []))
}

/**
 * Troubled pairs as places: a host whose every pair (two or more) is troubled is one place, and so
 * is a network of three or more hosts with every pair troubled; other pairs stay as they are.
 */
export function extentsOf<P extends Between>(
  all: readonly P[],
  troubled: readonly P[],
): readonly Extent<P>[] {
  const hosts = new Set(all.flatMap(({ a, b }) => [a, b]))
  if (troubled.length === all.length && hosts.size > 2) return [{ pairs: troubled }]
  const count = (pairs: readonly P[]): Map<HostName, number> => {
    const counts = new Map<HostName, number>()
    for (const host of pairs.flatMap(({ a, b }) => [a, b])) counts.set(host, (counts.get(host) ?? 0) + 1)
    return counts
  }
  const [ofAll, ofTroubled] = [count(all), count(troubled)]
  const isCutOff = (host: HostName): boolean => {
    const pairs = ofAll.get(host) ?? 0
    return pairs > 1 && ofTroubled.get(host) === pairs
  }
  const cutOff = [...hosts].filter(isCutOff).map((host) => ({
    host,
    pairs: troubled.filter(({ a, b }) => a === host || b === host),
  }))
  const rest = troubled.filter(({ a, b }) => !isCutOff(a) && !isCutOff(b))
  return [...cutOff, ...rest.map((pair) => ({ host: pair.a, peer: pair.b, pairs: [pair] }))]
}

/** A place in words. */
export function extentText({ host, peer }: Pick<Extent, 'host' | 'peer'>): string {
  if (host === undefined) return 'between any two hosts'
  return peer === undefined ? `between ${host} and every other host` : `between ${host} and ${peer}`
}

/** Why a comparison of pings must stay open: pings that could not be sent, or no pair to send between. */
export function* unsent(observations: readonly Observation[]): Generator<{ readonly unsure: string }> {
  for (const seen of observations) {
    if (seen.kind === 'ping' && seen.problem !== undefined)
      yield { unsure: `no ping from ${endName(seen.from)}: ${seen.problem.detail}` }
    if (seen.kind === 'probe-plan' && seen.pairs === 0 && seen.leftOut.length > 0) {
      const reasons = seen.leftOut.map(({ end, reason }) => ({ place: endName(end), says: reason }))
      yield { unsure: `no two hosts could be probed: ${reasonsByPlace(reasons)}` }
    }
  }
}
