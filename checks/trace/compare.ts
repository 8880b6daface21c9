/**
 * Puts what taps saw beside what the walk predicted. The network between two underlay links
 * is no part of the prediction, and neither is what a container's own firewall does: a loss
 * there does not contradict it. Everywhere else a loss or a passage that was not predicted does.
 */
import type { HostName } from '../model/snapshot.ts'
import type { Drop, Hop, Trace } from './trace.ts'

/** What one tap saw of the packet. */
export interface Sighting {
  readonly host: HostName
  /** The container inside which the tap is; absent for a link of the host. */
  readonly container?: string
  readonly link: string
  /** Undefined where the tap could not prove that it works. */
  readonly seen: boolean | undefined
  /** Milliseconds since any common start. */
  readonly at?: number
}

/** All taps of one packet, in the order of its way. */
export type Sightings = readonly Sighting[]

function isAt({ host, link, container }: Hop, sighting: Sighting): boolean {
  return (
    link !== undefined && host === sighting.host && link === sighting.link && container === sighting.container
  )
}

function withSighting(hop: Hop, seen: Sightings, first: number | undefined): Hop {
  const sighting = seen.find((one) => isAt(hop, one))
  if (sighting?.seen === undefined) return hop
  const at = sighting.at === undefined || first === undefined ? {} : { at: sighting.at - first }
  return { ...hop, seen: sighting.seen, ...(sighting.seen ? at : {}) }
}

/** Where the packet was lost by the taps: after `last`, before `missing`. */
interface Gap {
  readonly last: number
  readonly missing: number
}

function gapIn(hops: readonly Hop[]): Gap {
  const last = hops.findLastIndex(({ seen }) => seen === true)
  return { last, missing: hops.findIndex(({ seen }, index) => index > last && seen === false) }
}

/** A tap missed the packet although a later one saw it: it took another way than predicted. */
function hasBypass(hops: readonly Hop[], last: number): boolean {
  return hops.some(
    ({ seen, predicted }, index) => index < last && seen === false && predicted === 'forwarded',
  )
}

/** The drop of a loss that the prediction knows nothing of; undefined when it contradicts it. */
function unpredictable(trace: Trace, hops: readonly Hop[], { last, missing }: Gap): Drop | undefined {
  const [before, after] = [hops[last], hops[missing]]
  if (after === undefined) return undefined
  if (before?.stage === 'underlay' && after.stage === 'underlay' && before.host !== after.host)
    return 'lost-on-underlay'
  const isSilent = before === undefined && trace.direction === 'reply' && after.stage === 'source'
  return isSilent ? 'no-answer' : undefined
}

type Outcome = Pick<Trace, 'ends' | 'agreement'>

/** The prediction was that it arrives, or that it cannot be told. */
function judgeArrival(trace: Trace, hops: readonly Hop[], gap: Gap): Outcome {
  const isTold = trace.ends === 'delivered'
  if (gap.missing < 0) {
    const isThere = hops[gap.last]?.stage === 'target'
    return isThere
      ? { ends: 'delivered', agreement: 'confirmed' }
      : { ends: trace.ends, agreement: 'predicted-only' }
  }
  const drop = unpredictable(trace, hops, gap)
  if (drop !== undefined) return { ends: drop, agreement: 'confirmed' }
  return { ends: 'not-enough-facts', agreement: isTold ? 'contradicted' : 'predicted-only' }
}

/** The prediction was that it ends at the last hop. */
function judgeDrop(trace: Trace, hops: readonly Hop[], gap: Gap): Outcome {
  const drop = hops.length - 1
  const isSeenBefore = gap.last >= 0 && gap.last <= drop
  const isMissingEarlier = gap.missing >= 0 && gap.missing < drop
  if (isMissingEarlier) {
    const other = unpredictable(trace, hops, gap)
    return { ends: other ?? 'not-enough-facts', agreement: 'contradicted' }
  }
  return {
    ends: trace.ends,
    agreement: isSeenBefore || gap.missing === drop ? 'confirmed' : 'predicted-only',
  }
}

/** A tap beyond the predicted way that saw the packet: behind the drop, on the way to the target. */
function isSeenBeyond({ to, hops, ends }: Trace, seen: Sightings): Sighting | undefined {
  const last = hops.at(-1)
  // A wrong route is no end yet: the packet leaves its host by another link, as predicted.
  const strays = ends === 'wrong-route' ? last?.host : undefined
  const isOnWay = (sighting: Sighting): boolean => hops.some((hop) => isAt(hop, sighting))
  return seen.findLast(
    (sighting) =>
      sighting.seen === true &&
      sighting.host !== strays &&
      !isOnWay(sighting) &&
      (sighting.host === to.host || last?.host !== to.host),
  )
}

function isTarget({ to }: Trace, { host, container }: Sighting): boolean {
  return host === to.host && container !== undefined && container === to.container
}

/**
 * The trace with sightings merged into its hops, `lastSeen`, where it ended by all that is
 * known, and whether prediction and taps agree. `not-enough-facts` as the end of a
 * contradicted trace means: lost after `lastSeen` for a reason the snapshot does not show.
 */
export function compareTrace(predicted: Trace, seen: Sightings): Trace {
  const times = seen.flatMap(({ at, seen: isSeen }) => (isSeen && at !== undefined ? [at] : []))
  const first = times.length === 0 ? undefined : Math.min(...times)
  const hops = predicted.hops.map((hop) => withSighting(hop, seen, first))
  const gap = gapIn(hops)
  const lastSeen = gap.last < 0 ? {} : { lastSeen: gap.last }
  const merged = { ...predicted, hops, ...lastSeen }
  const beyond = isSeenBeyond(predicted, seen)
  if (beyond !== undefined && predicted.ends !== 'delivered') {
    const ends = isTarget(predicted, beyond) ? 'delivered' : 'not-enough-facts'
    return {
      ...merged,
      ends,
      agreement: predicted.ends === 'not-enough-facts' ? 'confirmed' : 'contradicted',
    }
  }
  if (hasBypass(hops, gap.last)) return { ...merged, ends: predicted.ends, agreement: 'contradicted' }
  const isOpen = predicted.ends === 'delivered' || predicted.ends === 'not-enough-facts'
  return { ...merged, ...(isOpen ? judgeArrival(predicted, hops, gap) : judgeDrop(predicted, hops, gap)) }
}
