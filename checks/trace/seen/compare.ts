/**
 * Puts what taps saw beside what the walk predicted. The network between two underlay links
 * is no part of the prediction, and neither is what a container's own firewall does: a loss
 * there does not contradict it. Everywhere else a loss or a passage that was not predicted does.
 *
 * An example, the request of h1c1 to h2c1 over vxlan, with the hops the walk predicts (all delivered) and the taps:
 *
 *   hop      h1c1 eth0   h1 docker0   h1 flannel.1   h1 eth0  ≈  h2 eth0   h2 flannel.1   h2 docker0   h2c1 eth0
 *   seen     yes         yes          yes            yes         yes       no             no           no
 *
 * The last tap that saw it is h2 eth0, the first that missed it h2 flannel.1, so it was lost between them, on h2. The walk
 * said it would pass there: the prediction is contradicted, and the end is `not-enough-facts`. Had h2 eth0 missed it as well,
 * it would be `lost-on-underlay`, confirmed. A tap that could not prove that it works (`seen` undefined) is left out.
 */
import type { HostName } from '../../model/snapshot.ts'
import type { Drop, Hop, Stage, Trace } from '../trace.ts'

/** What one tap saw of the packet. */
export interface Sighting {
  readonly host: HostName
  /** The container inside which the tap is; absent for a link of the host. */
  readonly container?: string
  readonly link: string
  /** Where on the way the tap is, as far as is known. */
  readonly stage?: Stage
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

/** The drop of a loss that the prediction knows nothing of; undefined when it contradicts it, or leaves open what is there. */
function unpredictable(trace: Trace, hops: readonly Hop[], { last, missing }: Gap): Drop | undefined {
  const [before, after] = [hops[last], hops[missing]]
  if (after === undefined || after.predicted === 'not-enough-facts') return undefined
  if (before?.stage === 'underlay' && after.stage === 'underlay' && before.host !== after.host)
    return 'lost-on-underlay'
  const isSilent = before === undefined && trace.direction === 'reply' && after.stage === 'source'
  return isSilent ? 'no-answer' : undefined
}

type Outcome = Pick<Trace, 'ends' | 'agreement'>

/** The prediction was that it arrives, or that it is not known. */
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

/** Place among the taps of the last link that the prediction names; -1 where none stands there. */
function dropPlace(hops: readonly Hop[], seen: Sightings): number {
  const last = hops.findLast(({ link }) => link !== undefined)
  return last === undefined ? -1 : seen.findIndex((sighting) => isAt(last, sighting))
}

/** Taps behind the predicted drop, on the way to the target, up to the first that missed the packet; empty where none saw it. */
function seenBeyond({ to, hops, ends }: Trace, seen: Sightings): Sightings {
  const last = hops.at(-1)
  // A wrong route is no end yet: the packet leaves its host by another link, as predicted.
  const strays = ends === 'wrong-route' ? last?.host : undefined
  const behind = seen
    .slice(dropPlace(hops, seen) + 1)
    .filter(
      (sighting) =>
        sighting.host !== strays &&
        !hops.some((hop) => isAt(hop, sighting)) &&
        (sighting.host === to.host || last?.host !== to.host),
    )
  const end = behind.findLastIndex((sighting) => sighting.seen === true)
  if (end < 0) return []
  const missed = behind.findIndex((sighting, index) => index > end && sighting.seen === false)
  return behind.slice(0, missed < 0 ? end + 1 : missed + 1)
}

function isDestination({ to }: Trace, { host, container }: Sighting): boolean {
  return host === to.host && container !== undefined && container === to.container
}

function furtherHop(sighting: Sighting, from: Stage, first: number | undefined): Hop {
  const { host, container, link, stage = from } = sighting
  const inside = container === undefined ? {} : { container }
  const hop: Hop = { host, ...inside, link, stage, used: [], predicted: 'forwarded' }
  return withSighting(hop, [sighting], first)
}

/** A sender that remembers the MAC of a gateway that is gone still sends: nobody takes the frame on its bridge. */
function isRemembered({ ends, hops }: Trace, beyond: Sightings): boolean {
  const last = hops.at(-1)
  if (ends !== 'no-neighbour' || last?.stage !== 'source') return false
  const seen = beyond.filter((sighting) => sighting.seen === true)
  return seen.every(({ host, stage }) => host === last.host && stage === 'bridge')
}

const REMEMBERED = 'the container still sends to a MAC address it remembers, which nobody has any more'

/** The same drop at the last link that saw the packet. */
function withDropAt({ hops, ends }: Trace, last: number): readonly Hop[] {
  return hops.map((hop, index) => {
    if (index === last)
      return { ...hop, predicted: ends === 'delivered' ? 'forwarded' : ends, why: REMEMBERED }
    return hop.predicted === ends ? { ...hop, predicted: 'forwarded' } : hop
  })
}

/** The packet was seen behind the hop at which the prediction ends: the taps tell the rest of its way. */
function goneOn(
  predicted: Trace,
  merged: Trace,
  { beyond, first }: { readonly beyond: Sightings; readonly first: number | undefined },
): Trace {
  const from = predicted.hops.at(-1)?.stage ?? 'source'
  const hops = [...merged.hops, ...beyond.map((sighting) => furtherHop(sighting, from, first))]
  const gap = gapIn(hops)
  const whole = { ...merged, hops, lastSeen: gap.last }
  if (isRemembered(predicted, beyond))
    return { ...whole, hops: withDropAt(whole, gap.last), agreement: 'confirmed' }
  const last = beyond.findLast(({ seen }) => seen === true)
  const isThere = last !== undefined && isDestination(predicted, last)
  return {
    ...whole,
    ends: isThere ? 'delivered' : (unpredictable(predicted, hops, gap) ?? 'not-enough-facts'),
    agreement: predicted.ends === 'not-enough-facts' ? 'confirmed' : 'contradicted',
  }
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
  const beyond = predicted.ends === 'delivered' ? [] : seenBeyond(predicted, seen)
  if (beyond.length > 0) return goneOn(predicted, merged, { beyond, first })
  if (hasBypass(hops, gap.last)) return { ...merged, ends: predicted.ends, agreement: 'contradicted' }
  const isOpen = predicted.ends === 'delivered' || predicted.ends === 'not-enough-facts'
  return { ...merged, ...(isOpen ? judgeArrival(predicted, hops, gap) : judgeDrop(predicted, hops, gap)) }
}
