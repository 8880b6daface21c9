/** Every planned pair walked: what is lost, and what is not known. */
import { knownValue } from '../../expected/observed-host.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { NOT_READ } from '../../reasons-by-place.ts'
import type { Endpoint, Hop, Trace } from '../trace.ts'
import type { Translation } from '../walk/state.ts'
import { worldOf } from '../walk/world.ts'
import { type Pair, type WalkedPing, walkPing } from '../walk.ts'
import { largestSize } from './largest-size.ts'
import { type HostPair, plannedPairs } from './pairs.ts'
import { askedSizes } from './size-rules.ts'

/** Bytes of the IPv4 packet of a plain ping. */
export const PLAIN_SIZE = 84

/** One walk that did not end at its target. */
export interface LostWalk {
  /** Who asked and who should have answered. */
  readonly pair: Pair
  /** The direction that was lost. */
  readonly trace: Trace
  /** Where, and to what. */
  readonly hop: Hop
  readonly size: number
  /** True where a plain ping of the same pair is answered. */
  readonly isOnlyLarge: boolean
  /** Set where neither a plain nor the largest ping has that size. */
  readonly isBetween?: true
}

/** A container whose peer sees another source than its address. */
export interface HiddenSource {
  readonly pair: Pair
  readonly translation: Translation
}

export interface Predictions {
  readonly lost: readonly LostWalk[]
  /** Those whose end is not known. */
  readonly undecided: readonly LostWalk[]
  /** Containers whose address a rule hides from the peer. */
  readonly hidden: readonly HiddenSource[]
  /** Pairs whose ping is answered over a host that is none of the two. */
  readonly detours: readonly Pair[]
  /** Why hosts could not be walked through. */
  readonly unread: readonly string[]
  /** Pings walked. */
  readonly walked: number
  /** Ordered pairs of hosts that were walked, and that there are. */
  readonly pairs: number
  readonly of: number
}

const known = new WeakMap<ClusterSnapshot, Predictions>()

/** Containers with containers, the host with containers, the host with the other's bridge. */
function endPairs({ from, to, isFirst }: HostPair): readonly Pair[] {
  const senders = isFirst ? [...from.containers, ...from.more] : from.containers
  const targets = isFirst ? [...to.containers, ...to.more] : to.containers
  const between = isFirst
    ? [...crossed(from.containers, targets), ...crossed(from.more, to.containers.slice(0, 1))]
    : crossed(senders, targets)
  const hosts = from.host === undefined ? [] : [from.host]
  return [...between, ...crossed(hosts, targets), ...crossed(hosts, to.host === undefined ? [] : [to.host])]
}

function crossed(senders: readonly Endpoint[], targets: readonly Endpoint[]): readonly Pair[] {
  return senders.flatMap((from) => targets.map((to) => ({ from, to })))
}

/** The direction that was lost; undefined where the ping is answered. */
function lostDirection({ request, reply }: WalkedPing): Trace | undefined {
  return [request, reply].find((trace) => trace !== undefined && trace.ends !== 'delivered')
}

/** The hop that a loss is counted to. */
export function losingHop({ culprit, hops }: Trace): Hop | undefined {
  return culprit ?? hops.at(-1)
}

interface Collecting {
  readonly snapshot: ClusterSnapshot
  readonly lost: LostWalk[]
  readonly undecided: LostWalk[]
  readonly hidden: HiddenSource[]
  readonly detours: Pair[]
  /** Sizes that filters ask for: where there are any, a small packet may be lost where a large one is not. */
  readonly sizes: readonly number[] | undefined
  walked: number
}

interface Asked extends Pick<LostWalk, 'size' | 'isOnlyLarge' | 'isBetween'> {
  readonly walked: WalkedPing
}

/** True where the way there and back meets the hosts of the two ends alone. */
function isStraight({ from, to }: Pair, { request, reply }: WalkedPing): boolean {
  const isEnds = ({ host }: Hop): boolean => host === from.host || host === to.host
  return request.hops.every(isEnds) && (reply?.hops.every(isEnds) ?? true)
}

/** Keeps what is to be known of an answered ping. */
function keepAnswered({ hidden, detours }: Collecting, pair: Pair, walked: WalkedPing): void {
  for (const translation of pair.from.container === undefined ? [] : walked.translated)
    if (translation.container === undefined) hidden.push({ pair, translation })
  if (!isStraight(pair, walked)) detours.push(pair)
}

/** Keeps what became of a ping and says whether it is answered. */
function isAnswered(found: Collecting, pair: Pair, { walked, ...sized }: Asked): boolean {
  const trace = lostDirection(walked)
  found.walked += 1
  if (trace === undefined) keepAnswered(found, pair, walked)
  const hop = trace && losingHop(trace)
  if (trace === undefined || hop === undefined) return true
  const list = trace.ends === 'not-enough-facts' ? found.undecided : found.lost
  list.push({ pair, trace, hop, ...sized })
  return false
}

/** A plain ping, and the largest where that is answered: what carries a large packet carries a small one, so that one walk mostly does for both. */
function walkHosts(found: Collecting, hosts: HostPair): void {
  const { snapshot, sizes } = found
  for (const pair of endPairs(hosts)) {
    const size = largestSize(snapshot, hosts, pair) ?? 0
    const isLarger = size > PLAIN_SIZE
    const large = isLarger && sizes === undefined ? walkPing(snapshot, pair, { size }) : undefined
    const isCarried = large !== undefined && lostDirection(large) === undefined
    const plain = isCarried ? large : walkPing(snapshot, pair, { size: PLAIN_SIZE })
    if (!isAnswered(found, pair, { walked: plain, size: PLAIN_SIZE, isOnlyLarge: false }) || !isLarger)
      continue
    isAnswered(found, pair, { walked: large ?? walkPing(snapshot, pair, { size }), size, isOnlyLarge: true })
    walkBetween(found, pair, size)
  }
}

/** Packets of sizes that filters ask for, between the plain one and the largest. */
function walkBetween(found: Collecting, pair: Pair, largest: number): void {
  for (const size of found.sizes ?? []) {
    if (size <= PLAIN_SIZE || size >= largest) continue
    const walked = walkPing(found.snapshot, pair, { size })
    isAnswered(found, pair, { walked, size, isOnlyLarge: true, isBetween: true })
  }
}

/** True where the pairs of a snapshot have been walked. */
export function isWalked(snapshot: ClusterSnapshot): boolean {
  return known.has(snapshot)
}

/** Walks every planned pair of hosts, for whoever may have to stop in between: given a reason to `next`, it gives nothing. */
export function* walking(
  snapshot: ClusterSnapshot,
): Generator<undefined, Predictions | undefined, string | undefined> {
  const before = known.get(snapshot)
  if (before) return before
  const sizes = askedSizes(snapshot)
  const found: Collecting = {
    snapshot,
    lost: [],
    undecided: [],
    hidden: [],
    detours: [],
    sizes,
    walked: 0,
  }
  const { pairs, of } = plannedPairs(snapshot)
  for (const hosts of knownValue(snapshot.datastore.leases) === undefined ? [] : pairs) {
    walkHosts(found, hosts)
    if ((yield) !== undefined) return undefined
  }
  const unread = [...worldOf(snapshot).hosts].flatMap(([name, host]) => {
    if (!('absent' in host)) return []
    return snapshot.hosts.get(name)?.unreachable === undefined ? [host.absent] : [`${name}: ${NOT_READ}`]
  })
  const all: Predictions = { ...found, unread, pairs: pairs.length, of }
  known.set(snapshot, all)
  return all
}

/** The same at once; the same object on every call with the same snapshot. */
export function predictions(snapshot: ClusterSnapshot): Predictions {
  const steps = walking(snapshot)
  for (;;) {
    const { value } = steps.next()
    if (value) return value
  }
}
