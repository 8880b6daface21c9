/**
 * The way of a vxlan packet from the link that makes it to the link that takes it out. Pings between two hosts differ in
 * what is inside, and mostly nothing on this way looks inside: it is walked once for those that follow each other.
 *
 * Why the hops of another packet are those of this one: the way depends on the world, on the host that sends and on the
 * outer packet, which the key holds whole but for the headers inside. Whether these were asked for is watched while the
 * way is walked; if so, or if it ended here or left anything in the walk but hops and a mark, it is not kept.
 */
import type { Headers, Mark } from '../filter/packet.ts'
import type { Hop } from '../trace.ts'
import type { Outer, Position, Walk } from '../walk/state.ts'
import { type HostView, viewOf, type World } from '../walk/world.ts'
import { takeOut } from './decap.ts'
import { sendOuter } from './encapsulated.ts'

/** A way that led to the receiver. */
interface Leg {
  readonly hops: readonly Hop[]
  readonly mark: Mark
  readonly arrived: Position
}

/** Ways that are kept, those that were walked last: both directions of the pings of one pair of hosts. */
const MOST_LEGS = 8
const legs = new WeakMap<World, Map<string, Leg>>()

function keyOf({ name }: HostView, outer: Omit<Outer, 'inner'>): string {
  const { inner: _, ...headers } = outer as Outer
  return `${name} ${JSON.stringify(headers)}`
}

/** Headers that tell when they are looked at. */
function watched(headers: Headers, seen: () => void): Headers {
  return new Proxy(headers, {
    get(target, name) {
      seen()
      return Reflect.get(target, name)
    },
    ownKeys(target) {
      seen()
      return Reflect.ownKeys(target)
    },
  })
}

/** Sends the outer packet and takes it out again; undefined where it is lost on the way. */
function carry(walk: Walk, host: HostView, outer: Outer): Position | undefined {
  const place = sendOuter(walk, host, outer)
  if (place?.at !== 'carried') return place
  const receiver = viewOf(walk.world, place.by.host)
  return 'absent' in receiver ? place : takeOut(walk, receiver, place)
}

/** Keeps a way, and forgets the oldest. */
function keep({ world }: Walk, key: string, leg: Leg): void {
  const kept = legs.get(world) ?? new Map<string, Leg>()
  legs.set(world, kept.set(key, leg))
  const [oldest] = kept.keys()
  if (kept.size > MOST_LEGS && oldest !== undefined) kept.delete(oldest)
}

/** Walks the way and keeps it where it is that of every packet with the same outer headers. */
function walked(walk: Walk, host: HostView, { outer, key }: { outer: Outer; key: string }) {
  const { culprit, unread, hops } = walk
  const before = hops.length
  let isAsked = false
  const inner = outer.inner && watched(outer.inner, () => (isAsked = true))
  const place = carry(walk, host, { ...outer, ...(inner && { inner }) })
  const isPlain = !isAsked && walk.culprit === culprit && walk.unread === unread
  if (place?.at === 'arrived' && isPlain)
    keep(walk, key, { hops: hops.slice(before), mark: walk.mark, arrived: place })
  return place
}

/** The outer packet on its way to the link that takes it out; undefined where it is lost. */
export function crossOuter(walk: Walk, host: HostView, outer: Outer): Position | undefined {
  const isBetweenRead = walk.from.beyond === undefined && walk.to.beyond === undefined
  if (outer.kind !== 'vxlan' || !isBetweenRead) return carry(walk, host, outer)
  const key = keyOf(host, outer)
  const known = legs.get(walk.world)?.get(key)
  if (known === undefined) return walked(walk, host, { outer, key })
  walk.hops.push(...known.hops)
  walk.mark = known.mark
  return known.arrived
}
