/** Lost walks grouped by what takes the packets: one loss is one rule, route, entry or link of one host. */

import type { PlacedContainer } from '../../check.ts'
import { endName } from '../../model/path.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { kindOfReason, reasonsOnce } from '../../reasons-by-place.ts'
import type { LosingRule } from '../filter/verdict.ts'
import type { Endpoint, Hop } from '../trace.ts'
import { type LossKind, lossKind, lostTo } from './loss-kind.ts'
import { type LostWalk, predictions } from './predictions.ts'

/** Everything that one thing takes. */
export interface Loss {
  readonly kind: LossKind
  /** `link eth0`, `rule of …`. */
  readonly object: string
  /** Where the first of them ends. */
  readonly hop: Hop
  readonly walks: readonly LostWalk[]
  /** The host where the packets end, or the sender where they end on a host that is none of the two. */
  readonly host: string
  /** The other host, where all of them concern the same one. */
  readonly peer?: string
  /** True where only large packets are lost to it. */
  readonly isOnlyLarge: boolean
  /** True where pings of the usual sizes say nothing about it. */
  readonly isBetween: boolean
  /** The one container whose packets they all are, where there is one. */
  readonly ofContainer?: PlacedContainer
}

/** Pairs that a message names; the rest is counted. */
const MOST_NAMED = 3

/** The host that a walk is lost on, and the other one. */
export function hostsOf({ trace: { from, to }, hop }: LostWalk): readonly [host: string, peer: string] {
  return to.host === hop.host ? [to.host, from.host] : [from.host, to.host]
}

/** The container that all of them are from or to; undefined where they have none in common, or more. */
function commonContainer(walks: readonly LostWalk[]): PlacedContainer | undefined {
  const [first, ...others] = walks.map(({ pair: { from, to } }) => [from, to])
  const isShared = (end: Endpoint): boolean =>
    others.every((ends) =>
      ends.some(({ host, container }) => host === end.host && container === end.container),
    )
  const [only, ...more] = (first ?? []).filter(isShared)
  const { host, container, assumedOn } = only ?? {}
  if (host === undefined || container === undefined || assumedOn !== undefined || more.length > 0)
    return undefined
  return { host, container }
}

function lossOf(walks: readonly LostWalk[]): Loss[] {
  const [first] = walks
  if (first === undefined) return []
  const peers = new Set(walks.map((walk) => hostsOf(walk)[1]))
  const [peer] = peers
  const [host] = hostsOf(first)
  return [
    {
      kind: lossKind(first.hop),
      object: lostTo(first),
      hop: first.hop,
      walks,
      host,
      ...(peers.size === 1 && peer !== undefined && peer !== host && { peer }),
      isOnlyLarge: walks.every(({ isOnlyLarge }) => isOnlyLarge),
      isBetween: walks.every((walk) => walk.isBetween),
      ...present({ ofContainer: commonContainer(walks) }),
    },
  ]
}

/** Lost walks put together by what takes them, in the order found. */
export function lossesOf(lost: readonly LostWalk[]): readonly Loss[] {
  const groups = Map.groupBy(lost, (walk) =>
    [hostsOf(walk)[0], walk.hop.host, walk.hop.predicted, lostTo(walk)].join(' '),
  )
  return [...groups.values()].flatMap(lossOf)
}

const losses = new WeakMap<ClusterSnapshot, readonly Loss[]>()

/** Every predicted loss of the snapshot, in the order found; the same array on every call. */
export function predictedLosses(snapshot: ClusterSnapshot): readonly Loss[] {
  const known = losses.get(snapshot)
  if (known) return known
  const found = lossesOf(predictions(snapshot).lost)
  losses.set(snapshot, found)
  return found
}

function wayText({ trace, size, isOnlyLarge }: LostWalk): string {
  const way = `${endName(trace.from)} to ${endName(trace.to)}`
  const what = trace.direction === 'reply' ? `the answer from ${way}` : way
  return isOnlyLarge ? `${what} (${size} bytes)` : what
}

/** The packets that are lost, as words: `h1/h1c1 to h2/h2c1, h1 to h2/h2c1 and 4 more`. */
export function waysText(walks: readonly LostWalk[]): string {
  return fewOf(walks.map(wayText))
}

function fewOf(texts: readonly string[]): string {
  const ways = [...new Set(texts)]
  const more = ways.length - MOST_NAMED
  return `${ways.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** Rules that take packets by chance: whether they take one is not known, that they take some can. */
const BY_CHANCE = /-m statistic --mode|meta random|numgen/

/** Losses to rules that drop by chance, from the walks that are undecided for them. */
export function lossesByChance(snapshot: ClusterSnapshot): readonly Loss[] {
  const open = predictions(snapshot).undecided.filter(({ hop }) => BY_CHANCE.test(hop.rule?.by ?? ''))
  return [...Map.groupBy(open, (walk) => `${walk.hop.host} ${lostTo(walk)}`).values()].flatMap(lossOf)
}

/** One rule that hides the source of containers, with the pairs whose walks met it. */
export interface Hiding {
  readonly host: string
  readonly rule: LosingRule
  readonly ways: string
}

/** The rules that hide containers from their peers, each once. */
export function hidingRules(snapshot: ClusterSnapshot): readonly Hiding[] {
  const groups = Map.groupBy(predictions(snapshot).hidden, ({ translation: { host, rule } }) =>
    [host, rule.world, rule.chain, rule.by].join(' '),
  )
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return []
    const { host, rule } = first.translation
    const ways = [first, ...more].map(({ pair }) => `${endName(pair.from)} to ${endName(pair.to)}`)
    return [{ host, rule, ways: fewOf(ways) }]
  })
}

/** Why walks end undecided at things of a kind, each sentence once with the hosts. */
export function undecidedReasons(snapshot: ClusterSnapshot, kind: LossKind): readonly string[] {
  const { hosts } = snapshot
  const open = predictions(snapshot).undecided.filter(({ hop }) => lossKind(hop) === kind)
  const reasonOf = ({ hop }: LostWalk): string => `${hop.host}: ${hop.why ?? 'it is undecided'}`
  const alike = Map.groupBy(open, (walk) => kindOfReason(reasonOf(walk), (word) => hosts.has(word)))
  const reasons = [...alike.values()].map(
    (walks) =>
      `whether packets pass is undecided (${waysText(walks)}): ${reasonsOnce(walks.map(reasonOf), hosts)}`,
  )
  return kind === 'route' ? [...predictions(snapshot).unread, ...reasons] : reasons
}
