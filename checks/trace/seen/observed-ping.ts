/** From rung reports to two traces: the walk beside the taps, and both beside what ping itself says. */

import { knownValue } from '../../expected/observed-host.ts'
import { answerHops, hopsOf, ttlBehind } from '../../expected/ping-hops.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { PacketPart, TapObservation, TraceObservation } from '../../model/trace-observation.ts'
import type { Trace } from '../trace.ts'
import { answerTo, type Pair, walk, walkPing } from '../walk.ts'
import { compareTrace, type Sighting } from './compare.ts'
import { refusedSize } from './refused-size.ts'
import { STAGE_ON_WAY_BACK } from './tap-points.ts'
import { walkedPacket } from './walked-packet.ts'

/** Both directions as far as each took place. */
export interface ObservedPing {
  readonly request: Trace
  readonly reply?: Trace
}

type Part = Trace['direction']
type Taps = TraceObservation['taps']

/** Whether that part of the packet passed the tap; undefined when the tap cannot say ("not observed"). */
export function passed(
  {
    sightings,
    unproven,
  }: Pick<TapObservation, 'unproven'> & { readonly sightings: readonly { readonly part: PacketPart }[] },
  part: PacketPart,
): boolean | undefined {
  if (sightings.some((sighting) => sighting.part === part)) return true
  return unproven === undefined ? false : undefined
}

/** The echo that most taps saw: times of one packet compare, those of two do not. */
function bestSequence(taps: Taps, part: Part): number {
  const counts = new Map<number, number>()
  for (const { sightings } of taps)
    for (const one of sightings)
      if (one.part === part) counts.set(one.sequence, (counts.get(one.sequence) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? 0
}

/** What each tap says of one direction, in the order of its way. Without `oneClock` times of two hosts do not compare. */
function sightingsOf(taps: Taps, part: Part, oneClock: boolean): readonly Sighting[] {
  const sequence = bestSequence(taps, part)
  const seen = taps.map((tap): Sighting => {
    const { host, container, link, stage } = tap.place
    const at = tap.sightings.find((one) => one.part === part && one.sequence === sequence)?.at
    return {
      host,
      link,
      stage: part === 'request' ? stage : (STAGE_ON_WAY_BACK[stage] ?? stage),
      seen: passed(tap, part),
      ...present({ container }),
      ...(oneClock && at !== undefined && { at }),
    }
  })
  return part === 'request' ? seen : seen.toReversed()
}

/** The hops that an answer of the asked container itself must have behind it; undefined where it is not one of another host. */
function dueHops(snapshot: ClusterSnapshot, { from, to }: Pair): number | undefined {
  const config = knownValue(snapshot.datastore.config)
  if (config === undefined || from.host === to.host || to.container === undefined) return undefined
  return answerHops(from.container === undefined ? 'hc' : 'cc', config.backend)
}

/** The highest time to live that an answer of the asked container can have, where one with `ttl` came; undefined where none is due. */
export function dueTtl(snapshot: ClusterSnapshot, pair: Pair, ttl: number): number | undefined {
  const hops = dueHops(snapshot, pair)
  return hops === undefined ? undefined : ttlBehind(hops, ttl)
}

function isFromAnother(snapshot: ClusterSnapshot, pair: Pair, ttl: number | undefined): boolean {
  const hops = dueHops(snapshot, pair)
  return ttl !== undefined && hops !== undefined && hopsOf(ttl) < hops
}

/** The prediction was that it is dropped, whatever the taps saw. */
function isDropPredicted({ hops }: Trace): boolean {
  return hops.some(({ predicted }) => predicted !== 'forwarded' && predicted !== 'not-enough-facts')
}

function delivered(trace: Trace): Trace {
  const isPredicted = trace.ends === 'delivered' && !isDropPredicted(trace)
  return { ...trace, ends: 'delivered', agreement: isPredicted ? 'confirmed' : 'contradicted' }
}

/** An answer came: from the end that was asked, or from a host that holds its address. Of that one's answer no way was predicted. */
function answered({ request, reply }: ObservedPing, isOther: boolean): ObservedPing {
  const isMissedByTarget = request.hops.some(({ stage, seen }) => stage === 'target' && seen === false)
  if (isOther || isMissedByTarget) {
    const agreement = request.ends === 'captured' ? 'confirmed' : 'contradicted'
    return { request: { ...request, ends: 'captured', agreement } }
  }
  return { request: delivered(request), ...(reply && { reply: delivered(reply) }) }
}

/** No answer came although both directions look well: the asker did not take it, or nobody can tell. */
function unanswered({ request, reply }: ObservedPing): ObservedPing {
  if (request.ends !== 'delivered' || reply?.ends !== 'delivered')
    return { request, ...(reply && request.ends === 'delivered' && { reply }) }
  const isBack = reply.hops.at(-1)?.seen === true
  if (isBack) return { request, reply: { ...reply, ends: 'filtered', agreement: 'contradicted' } }
  return { request, reply: { ...reply, ends: 'not-enough-facts', agreement: 'contradicted' } }
}

/** A drop where no tap stands, or none that works: no other saw the packet either. */
function confirmedBySilence(trace: Trace, seen: readonly Sighting[]): Trace {
  const isToldDrop = trace.ends !== 'delivered' && trace.ends !== 'not-enough-facts'
  if (!isToldDrop || trace.agreement !== 'predicted-only') return trace
  const isSilent = seen.some((one) => one.seen === false) && seen.every((one) => one.seen !== true)
  return isSilent ? { ...trace, agreement: 'confirmed' } : trace
}

function backFor(snapshot: ClusterSnapshot, observation: TraceObservation): Trace {
  const { from, to } = observation
  return {
    ...walk(snapshot, { from: to, to: from }, answerTo(walkedPacket(observation))),
    direction: 'reply',
  }
}

/** A datagram that came to its end is not lost because a program there kept silent; taps must show that it came. */
function withoutAnswer(request: Trace): ObservedPing {
  const isSeen = request.ends !== 'delivered' || request.agreement === 'confirmed'
  return { request: isSeen ? request : { ...request, ends: 'not-enough-facts' } }
}

/** A reset or refusal that the target cannot have sent: it did not get the packet, so a filter on the way answers for it. */
function isFiltersAnswer({ packet, ping }: TraceObservation, request: Trace, isOther: boolean): boolean {
  if (packet?.answer !== 'closed' || ping.received === 0) return false
  return isOther || request.hops.some(({ stage, seen }) => stage === 'target' && seen === false)
}

/** The two directions of a ping by walk, taps and ping. The reply is there when one was sent, as far as is known. */
export function observedPing(snapshot: ClusterSnapshot, observation: TraceObservation): ObservedPing {
  const { from, to, oneClock, taps, ping } = observation
  const pair = { from, to }
  const walked = walkPing(snapshot, pair, walkedPacket(observation))
  const out = sightingsOf(taps, 'request', oneClock)
  const compared = confirmedBySilence(compareTrace(walked.request, out), ping.sent > 0 ? out : [])
  const request = refusedSize(compared, ping)
  const back = sightingsOf(taps, 'reply', oneClock)
  const isSent = request.ends === 'delivered' || back.some(({ seen }) => seen) || ping.received > 0
  const reply = isSent
    ? confirmedBySilence(compareTrace(walked.reply ?? backFor(snapshot, observation), back), back)
    : undefined
  if (ping.sent === 0) return { request }
  return byAnswer(snapshot, observation, { request, ...present({ reply }) })
}

/** Both directions, corrected by what came of it at the sender. */
function byAnswer(
  snapshot: ClusterSnapshot,
  observation: TraceObservation,
  both: ObservedPing,
): ObservedPing {
  const { packet, ping, taps } = observation
  const isOther = isFromAnother(snapshot, observation, ping.ttl)
  const isAnswered = ping.received > 0 && !isFiltersAnswer(observation, both.request, isOther)
  if (isAnswered) return answered(both, isOther)
  const isSilent = packet?.protocol === 'udp' && !taps.some((tap) => passed(tap, 'reply'))
  return isSilent ? withoutAnswer(both.request) : unanswered(both)
}
