/**
 * Which lost pings of a probed network are followed on their way: one of those that the walk predicts to end at the same
 * thing, and of those it does not predict one for every two hosts.
 */
import { isPathMtuRemembered, type PingObservation, type PingPattern } from '../../model/observation.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from '../endpoint.ts'
import type { Hop } from '../trace.ts'
import { type Pair, walkPing } from '../walk.ts'

/** A lost ping to be followed. */
export interface PingToFollow {
  readonly pair: Pair
  /** The size that was lost, bytes. */
  readonly size: number
  /** True where smaller ones of the same pair were answered. */
  readonly isLarge: boolean
}

/** Packets followed in one run: each takes about two seconds, most of them waiting for its answer. */
export const MOST_FOLLOWED = 3

/** The longest way first: it passes everything that the shorter ones do. */
const PATTERNS: readonly PingPattern[] = ['cc', 'hc', 'cd', 'hd']

function pathKey({ pattern, from, to }: PingObservation): string {
  return JSON.stringify([pattern, from, to])
}

/** Lost pings through the overlay: small ones, and large ones where the small one of the same path was answered. */
function lostPings({ observations = [] }: ClusterSnapshot): readonly PingObservation[] {
  const pings = observations.flatMap((one) =>
    one.kind === 'ping' && one.problem === undefined && one.to.lease === undefined ? [one] : [],
  )
  const answered = new Set(pings.filter(({ full, received }) => !full && received > 0).map(pathKey))
  const lost = pings.filter(
    (ping) =>
      ping.received === 0 && !isPathMtuRemembered(ping) && (!ping.full || answered.has(pathKey(ping))),
  )
  return PATTERNS.flatMap((pattern) => lost.filter((ping) => ping.pattern === pattern))
}

function pairOf(snapshot: ClusterSnapshot, { from, to, address }: PingObservation): Pair | undefined {
  const source = resolveEndpoint(
    snapshot,
    from.container === undefined ? from.host : `${from.host}/${from.container}`,
  )
  if (!isEndpoint(source)) return undefined
  return { from: source, to: { ...to, address } }
}

function reasonKey({ host, stage, predicted, rule, used, link, why = '' }: Hop): string {
  if (rule !== undefined) return JSON.stringify([host, rule.world, rule.chain, rule.by])
  return JSON.stringify([host, stage, predicted, used[0]?.excerpt ?? link ?? why])
}

/** Those with the same key are lost for the same reason, as far as the collected state tells. */
function keyOf(snapshot: ClusterSnapshot, { pair, size, isLarge }: PingToFollow): string {
  const { request, reply } = walkPing(snapshot, pair, { size })
  const lost = [request, reply].find((trace) => trace !== undefined && trace.ends !== 'delivered')
  const hop = lost?.hops.at(-1)
  if (hop !== undefined && lost?.ends !== 'not-enough-facts') return reasonKey(hop)
  return JSON.stringify([isLarge, ...[pair.from.host, pair.to.host].toSorted()])
}

/** What the walk does not predict comes first: of the rest the reason is known already. */
function isOpen(key: string): boolean {
  return key.startsWith('[true') || key.startsWith('[false')
}

/** The pings to follow, at most `most`. */
export function pingsToFollow(
  snapshot: ClusterSnapshot,
  most: number = MOST_FOLLOWED,
): readonly PingToFollow[] {
  const chosen = new Map<string, PingToFollow>()
  for (const ping of lostPings(snapshot)) {
    const pair = pairOf(snapshot, ping)
    if (pair === undefined) continue
    const asked = { pair, size: ping.size, isLarge: ping.full }
    const key = keyOf(snapshot, asked)
    if (!chosen.has(key)) chosen.set(key, asked)
  }
  const all = [...chosen]
  const inOrder = [...all.filter(([key]) => isOpen(key)), ...all.filter(([key]) => !isOpen(key))]
  return inOrder.slice(0, most).map(([, asked]) => asked)
}
