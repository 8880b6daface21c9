/**
 * Which lost pings of a probed network are followed on their way: one of those that the walk predicts to end at the same
 * thing or leaves open at the same rule, and of the others one for every two hosts, of large ones one for the host that most
 * of them have in common. Of lost connections one for each protocol where the walk predicts none.
 */
import {
  CONNECTION_PROTOCOLS,
  isPathMtuRemembered,
  type PingObservation,
  type PingPattern,
} from '../../model/observation.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { FollowedPacket } from '../../model/trace-observation.ts'
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
  /** Where pings are answered, what is sent in their place. */
  readonly packet?: Pick<FollowedPacket, 'protocol' | 'destinationPort'>
}

/** A packet as the walk is asked for it. */
type Asked = Pick<PingToFollow, 'pair' | 'size' | 'packet'>

/** Bytes of a packet that fits everywhere. */
const SMALL = 84

/** Packets followed in one run: each takes about two seconds, most of them waiting for its answer. */
const MOST_FOLLOWED = 3

/** The longest way first: it passes everything that the shorter ones do. */
const PATTERNS: readonly PingPattern[] = ['cc', 'hc', 'cd', 'hd']

type Ends = Pick<PingObservation, 'from' | 'to' | 'address'>

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

function pairOf(snapshot: ClusterSnapshot, { from, to, address }: Ends): Pair | undefined {
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

/** What the walk says of a lost ping: what takes it, or the rule that may; nothing where it says that it arrives. */
interface Prediction {
  readonly predicted?: string
  readonly openAt?: string
}

function predictionOf(snapshot: ClusterSnapshot, { pair, size, packet }: Asked): Prediction {
  const { request, reply } = walkPing(snapshot, pair, { size, ...packet })
  const lost = [request, reply].find((trace) => trace !== undefined && trace.ends !== 'delivered')
  const hop = lost?.culprit ?? lost?.hops.at(-1)
  if (hop === undefined) return {}
  if (lost?.ends !== 'not-enough-facts') return { predicted: reasonKey(hop) }
  return hop.rule === undefined ? {} : { openAt: reasonKey(hop) }
}

function hostsText({ from, to }: Pair): string {
  return JSON.stringify([from.host, to.host].toSorted())
}

/** True where lost pings between other hosts are left open at the same rule as this one. */
export function sharesOpenRule(snapshot: ClusterSnapshot, asked: Asked): boolean {
  const { openAt } = predictionOf(snapshot, asked)
  if (openAt === undefined) return false
  return lostPings(snapshot).some((ping) => {
    const pair = pairOf(snapshot, ping)
    if (pair === undefined || hostsText(pair) === hostsText(asked.pair)) return false
    return predictionOf(snapshot, { pair, size: ping.size }).openAt === openAt
  })
}

/** The host that most lost large pings begin or end at; one of several that have as many. */
function commonHost(pings: readonly PingObservation[]): string | undefined {
  const ends = pings.flatMap(({ full, from, to }) => (full ? [from.host, to.host] : []))
  const counted = [...Map.groupBy(ends, (host) => host)].toSorted((a, b) => b[1].length - a[1].length)
  return counted[0]?.[0]
}

/** Those with the same key are lost for the same reason, as far as nothing collected tells. */
function openKey({ pair, isLarge }: PingToFollow, common: string | undefined): string {
  const isCommon = isLarge && common !== undefined && [pair.from.host, pair.to.host].includes(common)
  return JSON.stringify(isCommon ? [common] : [isLarge, hostsText(pair)])
}

/** One lost connection of each protocol that the walk lets through, between ends whose pings are answered. */
function lostConnections(snapshot: ClusterSnapshot): readonly PingToFollow[] {
  const lost = (snapshot.observations ?? []).flatMap((one) => {
    if (one.kind !== 'connection' || (one.state !== 'lost' && one.state !== 'refused')) return []
    const pair = pairOf(snapshot, one)
    const { protocol, port: destinationPort } = one
    return pair === undefined || destinationPort === undefined
      ? []
      : [{ pair, size: SMALL, isLarge: false, packet: { protocol, destinationPort } }]
  })
  const open = lost.filter((asked) => predictionOf(snapshot, asked).predicted === undefined)
  return CONNECTION_PROTOCOLS.flatMap(
    (protocol) => open.find(({ packet }) => packet.protocol === protocol) ?? [],
  )
}

/** The pings to follow, at most `most`; what the walk does not predict first: of the rest the reason is known already. */
export function pingsToFollow(
  snapshot: ClusterSnapshot,
  most: number = MOST_FOLLOWED,
): readonly PingToFollow[] {
  const [open, predicted] = [new Map<string, PingToFollow>(), new Map<string, PingToFollow>()]
  const lost = lostPings(snapshot)
  const common = commonHost(lost)
  for (const ping of lost) {
    const pair = pairOf(snapshot, ping)
    if (pair === undefined) continue
    const asked = { pair, size: ping.size, isLarge: ping.full }
    const found = predictionOf(snapshot, asked)
    const chosen = found.predicted === undefined ? open : predicted
    const kept = found.predicted ?? found.openAt ?? openKey(asked, common)
    if (!chosen.has(kept)) chosen.set(kept, asked)
  }
  return [...open.values(), ...lostConnections(snapshot), ...predicted.values()].slice(0, most)
}
