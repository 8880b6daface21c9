/** `trace`: follows a ping from one end of the overlay to another with everything the hosts allow. */
import { randomInt } from 'node:crypto'
import type { Observation, PingReading } from '../../checks/model/observation.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { TraceObservation } from '../../checks/model/trace-observation.ts'
import { fullSize } from '../../checks/trace/seen/full-size.ts'
import { tapPlaces } from '../../checks/trace/seen/tap-points.ts'
import { type Pair, walkPing } from '../../checks/trace/walk.ts'
import type { ReportCommand } from '../../reports/report.ts'
import { newProbeIdentity } from '../probe/capture/probe-identity.ts'
import { climb, type RungReports, sendPing } from '../trace/rungs.ts'
import type { TracedPing } from '../trace/traced-ping.ts'
import type { CollectionSettings } from './collect-cluster.ts'
import { interruption } from './interruption.ts'
import type { Gathered } from './step.ts'
import { resolvePair } from './trace-ends.ts'
import { namespacesOf, runnersFor, tunnelPorts } from './trace-surroundings.ts'

/** Between these a ping has an unusual size, so that the kernel's drops of it stand out, and fits every link. */
const SIZES = { least: 90, most: 280 } as const
/** The size of a plain ping, as people send it and the probes do: a rule may drop just these. */
const PLAIN = 84

/** A ping to follow, as asked for. */
export interface TraceRequest {
  /** Who pings whom, as typed. */
  readonly source: string
  readonly target: string
  readonly intrude: boolean
  /** The whole IP packet, bytes; an unusual small one first where absent. */
  readonly size?: number
}

interface TraceSettings extends Pick<TraceRequest, 'intrude' | 'size'> {
  readonly signal: AbortSignal
}

/** A slice of a capture that shows where the ping passed. */
export interface CaptureProof {
  readonly host: string
  readonly container?: string
  readonly link: string
  /** The whole IP packet of the ping, bytes, where another of this run was smaller. */
  readonly size?: number
  readonly pcap: Uint8Array
}

/** What following a packet brings. */
export interface Followed {
  readonly observations: readonly TraceObservation[]
  readonly proofs: readonly CaptureProof[]
  readonly commands: readonly ReportCommand[]
}

function proofsOf({ captures }: RungReports): readonly CaptureProof[] {
  return captures.map(({ place: { host, container, link }, pcap }) => ({
    host,
    link,
    pcap,
    ...present({ container }),
  }))
}

/** What is the same for every ping of one run. */
interface Scene extends Pick<TracedPing, 'pair' | 'ports' | 'runners' | 'namespaces' | 'intrude' | 'signal'> {
  readonly snapshot: ClusterSnapshot
}

/** Follows one packet of that size. */
async function follow(scene: Scene, size: number): Promise<Followed & { readonly seen: TraceObservation }> {
  const { pair, runners, snapshot } = scene
  const places = tapPlaces(snapshot, pair, walkPing(snapshot, pair, { size }))
  const oneClock = [...runners.values()].every(({ kind }) => kind === 'local' || kind === 'netns')
  const rungs = await climb({ ...scene, size, places, probe: newProbeIdentity() })
  const seen = { kind: 'trace', ...pair, size, oneClock, ...rungs.seen } as const
  return { observations: [seen], seen, proofs: proofsOf(rungs), commands: rungs.commands }
}

/** One size more, sent without taps: only a loss of it is followed. */
async function alsoAt(
  scene: Scene,
  size: number,
  kind: Pick<TraceObservation, 'isLarge' | 'answered'>,
): Promise<{ readonly ping: PingReading; readonly followed: Followed }> {
  const { ping, commands } = await sendPing({ ...scene, size, probe: newProbeIdentity() })
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

function joined(parts: readonly Followed[]): Followed {
  return {
    observations: parts.flatMap(({ observations }) => observations),
    proofs: parts.flatMap(({ proofs }) => proofs),
    commands: parts.flatMap(({ commands }) => commands),
  }
}

/**
 * Follows one ping through a collected cluster, and where it is answered one of full size too. Never rejects for a
 * host's sake: a rung that a host does not allow is in the traces with the reason. `inventory` says how
 * the hosts are reached.
 */
export async function tracePair(
  { collected: { snapshot }, inventory }: Pick<Gathered, 'collected' | 'inventory'>,
  pair: Pair,
  { intrude, signal, size: asked }: TraceSettings,
): Promise<Followed> {
  const size = asked ?? randomInt(SIZES.least, SIZES.most)
  const places = tapPlaces(snapshot, pair, walkPing(snapshot, pair, { size }))
  const hosts = new Set([pair.from.host, pair.to.host, ...places.map(({ host }) => host)])
  const runners = runnersFor(hosts, inventory)
  const namespaces = namespacesOf(snapshot, pair, inventory)
  const scene = { snapshot, pair, ports: tunnelPorts(snapshot), runners, namespaces, intrude, signal }
  try {
    return asked === undefined ? await atEverySize(scene, size) : await follow(scene, size)
  } finally {
    await Promise.all([...runners.values()].map((runner) => runner.close()))
  }
}

/** What following a packet brought, or why it could not be followed. */
interface WithObservations extends Partial<Omit<Followed, 'observations'>> {
  readonly observations: readonly Observation[]
}

/** What was gathered, with what following a packet brought. */
export function withFollowed(
  gathered: Gathered,
  { observations: more, proofs = [], commands = [] }: WithObservations,
): Gathered {
  const { collected } = gathered
  const observations = [...(collected.snapshot.observations ?? []), ...more]
  return {
    ...gathered,
    collected: {
      ...collected,
      snapshot: { ...collected.snapshot, observations },
      commands: [...collected.commands, ...commands],
    },
    proofs: [...gathered.proofs, ...proofs],
  }
}

/**
 * Follows the ping that was asked for. Where a stop or an unread host leaves its ends open, says so. Throws InputError
 * for ends that are not in the network.
 */
export async function traceEnds(
  gathered: Gathered,
  { source, target, ...settings }: TraceRequest,
  { signal }: CollectionSettings,
): Promise<Gathered> {
  const pair = resolvePair(gathered.collected.snapshot, source, target)
  const stopped = interruption(signal)
  const untraced = { kind: 'untraced', source, target } as const
  if (stopped !== undefined) {
    // A run that was cut short may have missed what names the ends: the stop is why.
    const more = 'problem' in pair ? `: ${pair.problem}` : ''
    const reason = `${stopped} before a packet was sent${more}`
    return withFollowed(gathered, { observations: [{ ...untraced, reason }] })
  }
  if ('problem' in pair)
    return withFollowed(gathered, { observations: [{ ...untraced, reason: pair.problem }] })
  return withFollowed(gathered, await tracePair(gathered, pair, { ...settings, signal }))
}
