/** `trace`: follows a ping from one end of the overlay to another with everything the hosts allow. */
import { randomInt } from 'node:crypto'
import type { PingReading } from '../../../checks/model/observation.ts'
import { endName } from '../../../checks/model/path.ts'
import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import type { FollowedPacket, TraceObservation } from '../../../checks/model/trace-observation.ts'
import { fullSize } from '../../../checks/trace/seen/full-size.ts'
import { tapPlaces } from '../../../checks/trace/seen/tap-points.ts'
import { walkedPacket } from '../../../checks/trace/seen/walked-packet.ts'
import { type Pair, walkPing } from '../../../checks/trace/walk.ts'
import { isHere } from '../../hosts/command/runner.ts'
import { interruption } from '../../interruption.ts'
import {
  newPacketIdentity,
  newProbeIdentity,
  type ProbeIdentity,
} from '../../probe/capture/probe-identity.ts'
import { SYN_SIZES } from '../../probe/packet/build-packet.ts'
import { type ShowProgress, shownWhile } from '../../show-progress.ts'
import { climb } from '../../trace/rungs.ts'
import { sendProbe } from '../../trace/sent-probe.ts'
import type { TracedPing } from '../../trace/traced-ping.ts'
import type { CollectionSettings } from '../collecting/collect-cluster.ts'
import { type Followed, joined, proofsOf, withFollowed } from './followed.ts'
import type { Gathered } from './step.ts'
import { resolvePair } from './trace-ends.ts'
import { namespacesOf, runnersFor, tunnelPorts } from './trace-surroundings.ts'

/** Between these a ping has an unusual size, so that the kernel's drops of it stand out, and fits every link. */
const SIZES = { least: 90, most: 280 } as const
/** The size of a plain ping, as people send it and the probes do: a rule may drop just these. */
const PLAIN = 84

/** A size that few other packets have. */
function unusualSize(packet: TraceRequest['packet']): number {
  if (packet?.protocol !== 'tcp') return randomInt(SIZES.least, SIZES.most)
  return SYN_SIZES[randomInt(SYN_SIZES.length)] ?? SYN_SIZES[0]
}

/** A ping to follow, as asked for. */
export interface TraceRequest {
  /** Who pings whom, as typed. */
  readonly source: string
  readonly target: string
  readonly intrude: boolean
  /** The whole IP packet, bytes; an unusual small one first where absent. */
  readonly size?: number
  /** Sent in place of pings. */
  readonly packet?: Pick<FollowedPacket, 'protocol' | 'destinationPort'>
}

interface TraceSettings extends Pick<TraceRequest, 'intrude' | 'size' | 'packet'> {
  readonly signal: AbortSignal
  readonly show?: ShowProgress
}

/** What is the same for every ping of one run. */
interface Scene extends Pick<TracedPing, 'pair' | 'ports' | 'runners' | 'namespaces' | 'intrude' | 'signal'> {
  readonly snapshot: ClusterSnapshot
}

/** Where a packet is looked for on its way, and the address that it is sent from. */
function wayOf(
  { snapshot, pair }: Pick<Scene, 'snapshot' | 'pair'>,
  size: number,
  probe?: ProbeIdentity,
): Pick<TracedPing, 'places' | 'source'> {
  const walked = walkPing(snapshot, pair, walkedPacket({ size, ...present({ packet: probe?.packet }) }))
  return { places: tapPlaces(snapshot, pair, walked), source: walked.request.from.address }
}

/** Follows one packet of that size. */
async function follow(
  scene: Scene,
  size: number,
  probe: ProbeIdentity = newProbeIdentity(),
): Promise<Followed & { readonly seen: TraceObservation }> {
  const { pair, runners } = scene
  const oneClock = [...runners.values()].every(isHere)
  const rungs = await climb({ ...scene, ...wayOf(scene, size, probe), size, probe })
  const seen = { kind: 'trace', ...pair, size, oneClock, ...rungs.seen } as const
  return { observations: [seen], seen, proofs: proofsOf(rungs), commands: rungs.commands }
}

/** One size more, sent without taps: only a loss of it is followed. */
async function alsoAt(
  scene: Scene,
  size: number,
  kind: Pick<TraceObservation, 'isLarge' | 'answered'>,
): Promise<{ readonly ping: PingReading; readonly followed: Followed }> {
  const { pair } = scene
  const { ping, commands } = await sendProbe({
    ...scene,
    size,
    source: pair.from.address,
    probe: newProbeIdentity(),
  })
  if (ping.sent === 0 || ping.received > 0)
    return { ping, followed: { observations: [], proofs: [], commands } }
  const { observations, proofs, commands: more } = await follow(scene, size)
  return {
    ping,
    followed: {
      observations: observations.map((one) => ({ ...one, ...kind })),
      proofs: proofs.map((proof) => ({ ...proof, size })),
      commands: [...commands, ...more],
    },
  }
}

/** Where a small ping of an unusual size is answered, one of the plain size and one of full size are sent as well. */
async function atEverySize(scene: Scene, size: number): Promise<Followed> {
  const { snapshot, pair, signal } = scene
  const small = await follow(scene, size)
  if (small.seen.ping.received === 0 || signal.aborted) return small
  const plain = await alsoAt(scene, PLAIN, { answered: size })
  const full = fullSize(snapshot, pair)
  if (full === undefined || full <= size || signal.aborted) return joined([small, plain.followed])
  const large = await alsoAt(scene, full, { isLarge: true })
  const first = { ...small.seen, fullPing: { size: full, ...large.ping } }
  return joined([{ ...small, observations: [first] }, plain.followed, large.followed])
}

/**
 * Follows one ping through a collected cluster, and where it is answered one of full size too. Never rejects for a
 * host's sake: a rung that a host does not allow is in the traces with the reason. `inventory` says how
 * the hosts are reached.
 */
export async function tracePair(
  { collected: { snapshot }, inventory }: Pick<Gathered, 'collected' | 'inventory'>,
  pair: Pair,
  { intrude, signal, size: asked, packet, show }: TraceSettings,
): Promise<Followed> {
  const size = asked ?? unusualSize(packet)
  const probe = packet && newPacketIdentity(packet.protocol, packet.destinationPort)
  const { places } = wayOf({ snapshot, pair }, size, probe)
  const hosts = new Set([pair.from.host, pair.to.host, ...places.map(({ host }) => host)])
  const runners = runnersFor(hosts, inventory)
  const namespaces = namespacesOf(snapshot, pair, inventory)
  const scene = { snapshot, pair, ports: tunnelPorts(snapshot), runners, namespaces, intrude, signal }
  try {
    const isAlone = probe !== undefined || asked !== undefined
    const what = `following a ${packet === undefined ? 'ping' : `${packet.protocol} packet`} from ${endName(pair.from)} to ${endName(pair.to)}`
    return await shownWhile(show, what, () =>
      isAlone ? follow(scene, size, probe) : atEverySize(scene, size),
    )
  } finally {
    await Promise.all([...runners.values()].map((runner) => runner.close()))
  }
}

/**
 * Follows the ping that was asked for. Where a stop or an unread host leaves its ends open, says so. Throws InputError
 * for ends that are not in the network.
 */
export async function traceEnds(
  gathered: Gathered,
  { source, target, ...settings }: TraceRequest,
  { signal, show }: CollectionSettings,
): Promise<Gathered> {
  const { packet: asked } = settings
  const ends = resolvePair(gathered.collected.snapshot, { source, target, packet: asked })
  const stopped = interruption(signal)
  const untraced = { kind: 'untraced', source, target } as const
  if (stopped !== undefined) {
    // A run that was cut short may have missed what names the ends: the stop is why.
    const more = 'problem' in ends ? `: ${ends.problem}` : ''
    const reason = `${stopped} before a packet was sent${more}`
    return withFollowed(gathered, { observations: [{ ...untraced, reason }] })
  }
  if ('problem' in ends)
    return withFollowed(gathered, { observations: [{ ...untraced, reason: ends.problem }] })
  return withFollowed(
    gathered,
    await tracePair(gathered, ends.pair, {
      ...settings,
      signal,
      ...present({ show, packet: ends.packet ?? asked }),
    }),
  )
}
