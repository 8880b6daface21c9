/**
 * Predicts the way of a ping through a snapshot, hop by hop, without sending anything: what
 * each host's kernel does with the packet by its links, routes, neighbours, FDB entries and
 * filters. Where a fact is missing the walk ends with `not-enough-facts`. Within a run the
 * network between the hosts is taken to carry everything.
 */
import { formatAddress, parseAddress } from '../model/address.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { comeIn } from './stage/beyond.ts'
import { reachPort } from './stage/bridge-in.ts'
import { sendFromContainer } from './stage/container-source.ts'
import { takeOut } from './stage/decap.ts'
import { arrive } from './stage/forward.ts'
import { crossOuter } from './stage/outer-leg.ts'
import { sendFromHost } from './stage/source.ts'
import { sendByUdp } from './stage/udp.ts'
import { sendPlain } from './stage/underlay.ts'
import { sendByVxlan } from './stage/vxlan.ts'
import type { Endpoint, Trace } from './trace.ts'
import { USUAL_TTL } from './walk/lifetime.ts'
import { carrierOf } from './walk/links.ts'
import { blameBypass, blameTranslation } from './walk/misled-answer.ts'
import {
  lose,
  type Position,
  type Redirection,
  type Translation,
  type Walk,
  type WalkPacket,
} from './walk/state.ts'
import { type HostView, viewOf, worldOf } from './walk/world.ts'

/** Who asks and who answers. */
export interface Pair {
  readonly from: Endpoint
  readonly to: Endpoint
}

/** Both directions of a ping; the reply only where the request is delivered. */
export interface WalkedPing {
  readonly request: Trace
  readonly reply: Trace | undefined
  /** What hosts on the way wrote into the source of the request. */
  readonly translated: readonly Translation[]
  /** What rules made of its destination. */
  readonly redirected: readonly Redirection[]
}

/** Places on the longest way through every host; the time to live ends a loop long before. */
const MOST_STEPS = 1000

function leave(
  walk: Walk,
  host: HostView,
  place: Extract<Position, { at: 'leaving' }>,
): Position | undefined {
  const link = host.links.get(place.link)
  if (link === undefined) return undefined
  const { nextHop } = place
  switch (carrierOf(walk, host, { link, nextHop })) {
    case 'vxlan':
      return sendByVxlan(walk, host, { link, nextHop })
    case 'udp':
      return sendByUdp(walk, host, link)
    case 'containers':
      return reachPort(walk, host, { link: link.name, nextHop })
    case 'underlay':
      return sendPlain(walk, host, { link, nextHop })
    default: {
      const why = `packets leave by ${link.name}, a ${link.kind} link, which is not followed`
      return lose(walk, 'not-enough-facts', { stage: 'encap', host: host.name, why })
    }
  }
}

function step(walk: Walk, place: Position): Position | undefined {
  const name = place.at === 'carried' ? place.by.host : place.host
  const host = viewOf(walk.world, name)
  if ('absent' in host)
    return lose(walk, 'not-enough-facts', { stage: 'forward-in', host: name, why: host.absent })
  switch (place.at) {
    case 'arrived':
      return arrive(walk, host, place)
    case 'leaving':
      return leave(walk, host, place)
    case 'encapsulated':
      return crossOuter(walk, host, place.outer)
    case 'carried':
      return takeOut(walk, host, place)
  }
}

function start(walk: Walk): Position | undefined {
  if (walk.from.beyond !== undefined) return comeIn(walk, walk.from.beyond)
  const host = viewOf(walk.world, walk.from.host)
  if ('absent' in host)
    return lose(walk, 'not-enough-facts', { stage: 'source', host: walk.from.host, why: host.absent })
  return walk.from.container === undefined ? sendFromHost(walk, host) : sendFromContainer(walk, host)
}

interface Journey extends Pair {
  readonly packet: WalkPacket
  readonly request?: Walk
}

/** A reply goes to the source that the target saw, a request to a service to its address. */
function firstDestination({ to, packet: { service }, request }: Journey): number {
  return request?.source ?? service?.address ?? parseAddress(to.address) ?? 0
}

function travelled(snapshot: ClusterSnapshot, { from, to, packet, request }: Journey): Walk {
  const walk: Walk = {
    world: worldOf(snapshot),
    direction: request ? 'reply' : 'request',
    from,
    to,
    size: packet.size,
    hops: [],
    visited: new Set(),
    made: [],
    redirected: [],
    request,
    source: parseAddress(from.address) ?? 0,
    destination: firstDestination({ from, to, packet, ...present({ request }) }),
    ttl: packet.ttl ?? USUAL_TTL,
    packet,
    mark: 0,
    shortened: undefined,
    isRerouted: false,
    translation: undefined,
    culprit: undefined,
    untracked: new Set(),
    zones: new Map(),
    unread: undefined,
    ends: undefined,
  }
  let place = start(walk)
  for (let steps = 0; place !== undefined && steps < MOST_STEPS; steps += 1) place = step(walk, place)
  if (walk.ends === undefined)
    lose(walk, 'loop', { stage: 'forward-in', host: to.host, why: 'it does not leave the loop' })
  return walk
}

function traceOf({ from, to, direction, hops, ends, source, culprit }: Walk): Trace {
  const isHost = from.container === undefined && direction === 'request' && source !== 0
  const address = isHost ? formatAddress(source) : from.address
  return {
    from: { ...from, address },
    to,
    direction,
    hops,
    ends: ends ?? 'not-enough-facts',
    agreement: 'predicted-only',
    ...present({ culprit }),
  }
}

/**
 * Predicts the way of one packet with the don't-fragment bit, sizes in bytes. A host's own
 * packet gets the source its route chooses, which the trace then names. Never throws.
 */
export function walk(snapshot: ClusterSnapshot, { from, to }: Pair, packet: WalkPacket): Trace {
  return traceOf(travelled(snapshot, { from, to, packet }))
}

/** What hosts on the way write into the source of one packet. */
export function translations(
  snapshot: ClusterSnapshot,
  { from, to }: Pair,
  packet: WalkPacket,
): readonly Translation[] {
  return travelled(snapshot, { from, to, packet }).made
}

/** The answer: of the same kind, its ports the other way round. */
export function answerTo({ size, protocol, sourcePort, destinationPort, service }: WalkPacket): WalkPacket {
  const port = service?.endPort ?? destinationPort
  return {
    size,
    ...present({ protocol, sourcePort: port, destinationPort: sourcePort }),
  }
}

/** Predicts request and reply of a ping; the reply goes to the source that the target saw. */
export function walkPing(snapshot: ClusterSnapshot, { from, to }: Pair, packet: WalkPacket): WalkedPing {
  const request = travelled(snapshot, { from, to, packet })
  const { made: translated, redirected } = request
  if (request.ends !== 'delivered')
    return { request: traceOf(request), reply: undefined, translated, redirected }
  const sent = traceOf(request)
  const back = { from: to, to: sent.from, packet: answerTo(packet), request }
  const reply = travelled(snapshot, back)
  blameTranslation(reply)
  blameBypass(reply)
  return { request: sent, reply: traceOf(reply), translated, redirected }
}
