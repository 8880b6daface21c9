/**
 * Connections where pings pass: every pair of hosts is walked once more with the first packet of a TCP connection and
 * with a UDP packet, between ports that no rule should name, and one pair per host with the ports that rules do name.
 */
import { present } from '../../model/present.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { containerAt } from '../endpoint.ts'
import type { Endpoint } from '../trace.ts'
import type { WalkPacket } from '../walk/state.ts'
import { type Pair, walkPing } from '../walk.ts'
import type { HostEnds } from './ends.ts'
import { likePings, pairKey } from './like-pings.ts'
import { type Loss, lossesOf } from './losses.ts'
import { portsNamedBy, ruleTexts } from './named-ports.ts'
import { type HostPair, plannedPairs } from './pairs.ts'
import { type LostWalk, losingHop, PLAIN_SIZE, predictions } from './predictions.ts'
import { type PublishedPort, publishedPorts } from './published-ports.ts'

/** A loss of one protocol, or of one of its ports. */
export interface ServiceLoss extends Loss {
  readonly protocol: 'tcp' | 'udp'
  /** True where no port that a rule names passes either. */
  readonly isWhole: boolean
  /** Set where the host of the container publishes this very port. */
  readonly published?: PublishedPort
  /** Absent where the whole protocol is lost. */
  readonly port?: number
}

interface Trial {
  readonly pair: Pair
  readonly protocol: 'tcp' | 'udp'
  readonly port?: number
}

const PROTOCOLS = ['tcp', 'udp'] as const

/** Containers of a host with rules of their own that are walked; others are like the first. */
const MOST_GUARDED = 8

/** Containers that have rules of their own, but for the first, which is walked anyway. */
function guarded(snapshot: ClusterSnapshot, { containers, more }: HostEnds): readonly Endpoint[] {
  const hasRules = (end: Endpoint): boolean => ruleTexts(containerAt(snapshot, end)?.network ?? {}).length > 0
  return [...containers.slice(1), ...more].filter(hasRules).slice(0, MOST_GUARDED)
}

/** The first container of each side; with the first peer also those that have rules of their own. */
function pairsOf(snapshot: ClusterSnapshot, { from, to, isFirst }: HostPair): readonly Pair[] {
  const [sender, target] = [from.containers[0], to.containers[0]]
  if (sender === undefined || target === undefined) return []
  const first = { from: sender, to: target }
  if (!isFirst) return [first]
  return [
    first,
    ...guarded(snapshot, from).map((one) => ({ from: one, to: target })),
    ...guarded(snapshot, to).map((one) => ({ from: sender, to: one })),
  ]
}

/** Every protocol between the ends of every pair; ports that rules name with the first peer of a host. */
function* trials(snapshot: ClusterSnapshot): Iterable<Trial> {
  for (const hosts of plannedPairs(snapshot).pairs) {
    const { from, to, isFirst } = hosts
    const ends = isFirst ? [from.name, to.name].flatMap((name) => snapshot.hosts.get(name) ?? []) : []
    const ports = [undefined, ...new Set(ends.flatMap(portsNamedBy))]
    for (const pair of pairsOf(snapshot, hosts))
      for (const port of ports)
        for (const protocol of PROTOCOLS) yield { pair, protocol, ...present({ port }) }
    const [sender] = from.containers
    if (isFirst && sender !== undefined) yield* publishedTrials(snapshot, { sender, to })
  }
}

/** The ports that the receiving host publishes, each to its own container. */
function* publishedTrials(
  snapshot: ClusterSnapshot,
  { sender, to }: { readonly sender: Endpoint; readonly to: HostEnds },
): Iterable<Trial> {
  for (const { address, protocol, port } of publishedPorts(snapshot, to.name)) {
    const target = [...to.containers, ...to.more].find((end) => end.address === address)
    if (target !== undefined) yield { pair: { from: sender, to: target }, protocol, port }
  }
}

/** What the host of the container publishes that is lost here. */
function publishedOf(snapshot: ClusterSnapshot, { walks }: Loss, trial: Trial): PublishedPort | undefined {
  for (const { pair } of walks) {
    const found = publishedPorts(snapshot, pair.to.host).find(
      ({ address, protocol, port }) =>
        address === pair.to.address && protocol === trial.protocol && port === trial.port,
    )
    if (found !== undefined) return found
  }
  return undefined
}

/** What is lost of a trial, to a rule or to where a route leads; undefined where it arrives, or where that is open. */
export function lostTrial(snapshot: ClusterSnapshot, { pair, protocol, port }: Trial): LostWalk | undefined {
  const packet: WalkPacket = {
    size: PLAIN_SIZE,
    protocol,
    ...present({ destinationPort: port }),
  }
  const { request, reply } = walkPing(snapshot, pair, packet)
  const trace = [request, reply].find((one) => one !== undefined && one.ends !== 'delivered')
  const hop = trace && losingHop(trace)
  if (trace === undefined || hop === undefined || trace.ends === 'not-enough-facts') return undefined
  return { pair, trace, hop, size: PLAIN_SIZE, isOnlyLarge: false }
}

interface Tried extends Trial {
  readonly lost: LostWalk | undefined
}

/** The protocols and pairs of which a port passes that a rule names: what is lost beside it is not all. */
function passing(tried: readonly Tried[]): ReadonlySet<string> {
  const passed = tried.filter(({ port, lost }) => port !== undefined && lost === undefined)
  return new Set(passed.map(({ protocol, pair }) => `${protocol} ${pairKey(pair)}`))
}

const known = new WeakMap<ClusterSnapshot, readonly ServiceLoss[]>()

/** Losses of connections between ends whose pings are answered; the same array on every call. */
export function serviceLosses(snapshot: ClusterSnapshot): readonly ServiceLoss[] {
  const before = known.get(snapshot)
  if (before) return before
  const found = triedServices(snapshot)
  known.set(snapshot, found)
  return found
}

/** Whole protocols first, then single ports. */
function triedServices(snapshot: ClusterSnapshot): readonly ServiceLoss[] {
  const silent = new Set(predictions(snapshot).lost.map(({ pair }) => pairKey(pair)))
  const all = [...trials(snapshot)].filter(({ pair }) => !silent.has(pairKey(pair)))
  const isLikePing = likePings(snapshot)
  const tried = all.map((trial): Tried => {
    const lost = isLikePing(trial.pair) ? undefined : lostTrial(snapshot, trial)
    return { ...trial, lost }
  })
  const passed = passing(tried)
  const groups = Map.groupBy(tried, ({ protocol, port = 0 }) => `${protocol} ${port}`)
  const found = [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { protocol, port } = first
    return lossesOf(group.flatMap(({ lost }) => lost ?? [])).map((loss) => ({
      ...loss,
      protocol,
      isWhole: loss.walks.every(({ pair }) => !passed.has(`${protocol} ${pairKey(pair)}`)),
      ...present({ port, published: publishedOf(snapshot, loss, first) }),
    }))
  })
  const whole = new Set(
    found.filter(({ port }) => port === undefined).map(({ protocol, object }) => `${protocol} ${object}`),
  )
  return found.filter(
    ({ port, protocol, object }) => port === undefined || !whole.has(`${protocol} ${object}`),
  )
}
