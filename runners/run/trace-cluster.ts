/** `trace`: follows a ping from one end of the overlay to another with everything the hosts allow. */
import { randomInt } from 'node:crypto'
import type { LossPlace } from '../../checks/diagnosis/by-stage.ts'
import { knownValue } from '../../checks/expected/observed-host.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { containerAt } from '../../checks/trace/endpoint.ts'
import { type Pair, type WalkedPing, walkPing } from '../../checks/trace/walk.ts'
import type { ReportCommand, ReportTrace } from '../../reports/report.ts'
import type { Runner } from '../hosts/command/runner.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { namespacePath } from '../inventory/namespace.ts'
import type { TunnelPorts } from '../probe/capture/decoding.ts'
import { DEFAULT_TUNNEL_PORTS } from '../probe/capture/decoding.ts'
import { newProbeIdentity } from '../probe/capture/probe-identity.ts'
import type { PingReading } from '../probe/ping/parse.ts'
import { placesOf } from '../trace/places.ts'
import { climb, type RungReports, sendPing } from '../trace/rungs.ts'
import { namespaceKey, type TracedPing } from '../trace/traced-ping.ts'
import type { SessionSettings } from './collect-cluster.ts'
import { fullSize, ofLargePackets, ofOversize } from './full-size.ts'
import { interruption } from './interruption.ts'
import { lossPlace } from './loss-place.ts'
import { observedPing } from './observed.ts'
import { reportPing, reportTraces } from './report-trace.ts'
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

export interface TracedCluster {
  readonly traces: readonly ReportTrace[]
  readonly loss: LossPlace | undefined
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

function proofsOf({ taps }: RungReports): readonly CaptureProof[] {
  return taps.flatMap(({ place: { host, container, link }, report: { proof } }) =>
    proof === undefined ? [] : [{ host, link, pcap: proof, ...(container !== undefined && { container }) }],
  )
}

/** What is the same for every ping of one run. */
interface Scene extends Pick<TracedPing, 'pair' | 'ports' | 'runners' | 'namespaces' | 'intrude' | 'signal'> {
  readonly snapshot: ClusterSnapshot
}

interface Followed extends TracedCluster {
  readonly ping: PingReading
}

async function follow(
  scene: Scene,
  { size, walked, places }: Pick<TracedPing, 'size' | 'places'> & { readonly walked: WalkedPing },
): Promise<Followed> {
  const { snapshot, pair, runners } = scene
  const oneClock = [...runners.values()].every(({ kind }) => kind === 'local' || kind === 'netns')
  const rungs = await climb({ ...scene, size, places, probe: newProbeIdentity() })
  const observed = observedPing({ snapshot, pair, walked, size, oneClock }, rungs)
  const endsTake = fullSize(snapshot, pair)
  const traces = reportTraces(observed, rungs, { snapshot, size })
  const isOversize =
    endsTake !== undefined && size > endsTake && traces.some(({ ends }) => ends === 'too-big')
  return {
    traces: isOversize ? ofOversize(traces, endsTake) : traces,
    loss: isOversize ? undefined : lossPlace(observed, rungs),
    proofs: proofsOf(rungs),
    commands: rungs.commands,
    ping: rungs.ping,
  }
}

/** Large packets, where small ones were answered: only a loss of these is followed. */
async function withFullSize(scene: Scene, small: Followed, size: number): Promise<TracedCluster> {
  const { snapshot, pair, signal } = scene
  const full = fullSize(snapshot, pair)
  if (full === undefined || full <= size || small.ping.received === 0 || signal.aborted) return small
  const { ping, commands } = await sendPing({ ...scene, size: full, probe: newProbeIdentity() })
  const fullPing = reportPing(ping, full)
  const traces = small.traces.map((trace) => ({ ...trace, fullPing }))
  const both = { ...small, traces, commands: [...small.commands, ...commands] }
  if (ping.sent === 0 || ping.received > 0) return both
  const walked = walkPing(snapshot, pair, { size: full })
  const large = await follow(scene, { size: full, walked, places: placesOf(snapshot, pair, walked) })
  return {
    traces: [...traces, ...ofLargePackets(large.traces)],
    loss: small.loss ?? large.loss,
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
): Promise<TracedCluster> {
  const size = asked ?? randomInt(SIZES.least, SIZES.most)
  const walked = walkPing(snapshot, pair, { size })
  const places = placesOf(snapshot, pair, walked)
  const hosts = new Set([pair.from.host, pair.to.host, ...places.map(({ host }) => host)])
  const runners = runnersFor(hosts, inventory)
  const namespaces = namespacesOf(snapshot, pair, inventory)
  const scene = { snapshot, pair, ports: tunnelPorts(snapshot), runners, namespaces, intrude, signal }
  try {
    const followed = await follow(scene, { size, walked, places })
    return asked === undefined ? await withFullSize(scene, followed, size) : followed
  } finally {
    await Promise.all([...runners.values()].map((runner) => runner.close()))
  }
}

/**
 * Follows the ping that was asked for. Where a stop or an unread host leaves its ends open, says so. Throws InputError
 * for ends that are not in the network.
 */
export async function traceEnds(
  { collected: { snapshot }, inventory }: Pick<Gathered, 'collected' | 'inventory'>,
  { source, target, ...settings }: TraceRequest,
  { signal }: SessionSettings,
): Promise<Pick<Gathered, 'traced' | 'notTraced'>> {
  const pair = resolvePair(snapshot, source, target)
  const stopped = interruption(signal)
  const reason = 'problem' in pair ? pair.problem : stopped && `${stopped} before a packet was sent`
  if ('problem' in pair || reason !== undefined)
    return { notTraced: [{ source, target, reason: reason ?? '' }] }
  return { traced: await tracePing(snapshot, { pair, inventory }, { ...settings, signal }), notTraced: [] }
}
