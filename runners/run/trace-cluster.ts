/** `trace`: follows a ping from one end of the overlay to another with everything the hosts allow. */
import { randomInt } from 'node:crypto'
import { knownValue } from '../../checks/expected/observed-host.ts'
import type { Observation } from '../../checks/model/observation.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { TraceObservation } from '../../checks/model/trace-observation.ts'
import { containerAt } from '../../checks/trace/endpoint.ts'
import { fullSize } from '../../checks/trace/seen/full-size.ts'
import { tapPlaces } from '../../checks/trace/seen/tap-places.ts'
import { type Pair, walkPing } from '../../checks/trace/walk.ts'
import type { ReportCommand } from '../../reports/report.ts'
import type { Runner } from '../hosts/command/runner.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { namespacePath } from '../inventory/namespace.ts'
import type { TunnelPorts } from '../probe/capture/decoding.ts'
import { DEFAULT_TUNNEL_PORTS } from '../probe/capture/decoding.ts'
import { newProbeIdentity } from '../probe/capture/probe-identity.ts'
import { climb, type RungReports, sendPing } from '../trace/rungs.ts'
import { namespaceKey, type TracedPing } from '../trace/traced-ping.ts'
import type { SessionSettings } from './collect-cluster.ts'
import { interruption } from './interruption.ts'
import type { Gathered } from './step.ts'
import { resolvePair } from './trace-ends.ts'

/** Between these a ping has an unusual size, so that the kernel's drops of it stand out, and fits every link. */
const SIZES = { least: 90, most: 280 } as const

/** A ping to follow, as asked for. */
export interface TraceRequest {
  /** Who pings whom, as typed. */
  readonly source: string
  readonly target: string
  readonly intrude: boolean
  /** The whole IP packet, bytes; an unusual small one where absent. */
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
interface Followed {
  readonly observations: readonly TraceObservation[]
  readonly proofs: readonly CaptureProof[]
  readonly commands: readonly ReportCommand[]
}

/** Ports of the configuration, of every vxlan link there is, and the usual ones. */
function tunnelPorts(snapshot: ClusterSnapshot): TunnelPorts {
  const config = knownValue(snapshot.datastore.config)
  const links = [...snapshot.hosts.values()].flatMap(({ facts }) => knownValue(facts.links) ?? [])
  const linkPorts = links.flatMap(({ vxlan }) => (vxlan === undefined ? [] : [vxlan.port]))
  const configured = (backend: string): readonly number[] =>
    config?.backend === backend ? [config.port] : []
  return {
    vxlan: [...new Set([...DEFAULT_TUNNEL_PORTS.vxlan, ...configured('vxlan'), ...linkPorts])],
    udp: [...new Set([...DEFAULT_TUNNEL_PORTS.udp, ...configured('udp')])],
  }
}

/** Network namespaces of the ends that are containers. */
function namespacesOf(
  snapshot: ClusterSnapshot,
  { from, to }: Pair,
  inventory: Inventory,
): ReadonlyMap<string, string> {
  const entries = [from, to].flatMap((end) => {
    const target = inventory.hosts.find(({ name }) => name === end.host)
    const container = containerAt(snapshot, end)
    const path = target && container && namespacePath(target, container)
    return path && container ? [[namespaceKey(end.host, container.name), path] as const] : []
  })
  return new Map(entries)
}

function runnersFor(hosts: ReadonlySet<string>, inventory: Inventory): ReadonlyMap<string, Runner> {
  const targets = inventory.hosts.filter(({ name }) => hosts.has(name))
  return new Map(targets.map((target) => [target.name, makeRunner(target.name, target.via, target)]))
}

function proofsOf({ captures }: RungReports): readonly CaptureProof[] {
  return captures.map(({ place: { host, container, link }, pcap }) => ({
    host,
    link,
    pcap,
    ...(container !== undefined && { container }),
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

/** Large packets, where small ones were answered: only a loss of these is followed. */
async function withFullSize(scene: Scene, size: number): Promise<Followed> {
  const { snapshot, pair, signal } = scene
  const small = await follow(scene, size)
  const full = fullSize(snapshot, pair)
  if (full === undefined || full <= size || small.seen.ping.received === 0 || signal.aborted) return small
  const { ping, commands } = await sendPing({ ...scene, size: full, probe: newProbeIdentity() })
  const first = { ...small.seen, fullPing: { size: full, ...ping } }
  const both = { ...small, observations: [first], commands: [...small.commands, ...commands] }
  if (ping.sent === 0 || ping.received > 0) return both
  const large = await follow(scene, full)
  return {
    observations: [first, { ...large.seen, isLarge: true }],
    proofs: [...small.proofs, ...large.proofs.map((proof) => ({ ...proof, size: full }))],
    commands: [...both.commands, ...large.commands],
  }
}

/**
 * Follows one ping through a collected cluster, and where it is answered one of full size too. Never rejects for a
 * host's sake: a rung that a host does not allow is in the traces with the reason. `inventory` says how
 * the hosts are reached.
 */
async function tracePing(
  snapshot: ClusterSnapshot,
  { pair, inventory }: { readonly pair: Pair; readonly inventory: Inventory },
  { intrude, signal, size: asked }: TraceSettings,
): Promise<Followed> {
  const size = asked ?? randomInt(SIZES.least, SIZES.most)
  const places = tapPlaces(snapshot, pair, walkPing(snapshot, pair, { size }))
  const hosts = new Set([pair.from.host, pair.to.host, ...places.map(({ host }) => host)])
  const runners = runnersFor(hosts, inventory)
  const namespaces = namespacesOf(snapshot, pair, inventory)
  const scene = { snapshot, pair, ports: tunnelPorts(snapshot), runners, namespaces, intrude, signal }
  try {
    return asked === undefined ? await withFullSize(scene, size) : await follow(scene, size)
  } finally {
    await Promise.all([...runners.values()].map((runner) => runner.close()))
  }
}

function withObservations(
  gathered: Gathered,
  more: readonly Observation[],
  { proofs = [], commands = [] }: Partial<Followed> = {},
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
  { signal }: SessionSettings,
): Promise<Gathered> {
  const { collected, inventory } = gathered
  const pair = resolvePair(collected.snapshot, source, target)
  const stopped = interruption(signal)
  const untraced = { kind: 'untraced', source, target } as const
  if ('problem' in pair) return withObservations(gathered, [{ ...untraced, reason: pair.problem }])
  if (stopped !== undefined)
    return withObservations(gathered, [{ ...untraced, reason: `${stopped} before a packet was sent` }])
  const followed = await tracePing(collected.snapshot, { pair, inventory }, { ...settings, signal })
  return withObservations(gathered, followed.observations, followed)
}
