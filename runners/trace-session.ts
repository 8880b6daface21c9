/** `trace`: follows a ping from one end of the overlay to another with everything the hosts allow. */
import { randomInt } from 'node:crypto'
import type { LossPlace } from '../checks/diagnosis/by-stage.ts'
import { knownValue } from '../checks/expected/observed-host.ts'
import type { ClusterSnapshot } from '../checks/model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from '../checks/trace/endpoint.ts'
import { lossOf } from '../checks/trace/loss.ts'
import type { Endpoint } from '../checks/trace/trace.ts'
import { type Pair, walkPing } from '../checks/trace/walk.ts'
import type { ReportCommand, ReportTrace } from '../reports/report.ts'
import { InputError } from './input-error.ts'
import type { Inventory } from './inventory.ts'
import { makeRunner } from './make-runner.ts'
import type { TunnelPorts } from './probe/capture/decoding.ts'
import { DEFAULT_TUNNEL_PORTS } from './probe/capture/decoding.ts'
import { newProbeIdentity } from './probe/capture/probe-identity.ts'
import { namespacePath } from './probe/namespace.ts'
import type { Runner } from './runner.ts'
import { type ObservedPing, observedPing } from './trace/observed.ts'
import { containerAt, placesOf } from './trace/places.ts'
import { reportTraces } from './trace/report-trace.ts'
import { climb, type RungReports } from './trace/rungs.ts'
import { namespaceKey } from './trace/traced-ping.ts'

/** Between these a ping has an unusual size, so that the kernel's drops of it stand out, and fits every link. */
const SIZES = { least: 90, most: 280 } as const

export interface TraceSettings {
  readonly intrude: boolean
  readonly signal: AbortSignal
  /** The whole IP packet, bytes; an unusual small one where absent. */
  readonly size?: number
}

/** A slice of a capture that shows where the ping passed. */
export interface CaptureProof {
  readonly host: string
  readonly container?: string
  readonly link: string
  readonly pcap: Uint8Array
}

export interface TracedCluster {
  readonly traces: readonly ReportTrace[]
  readonly loss: LossPlace | undefined
  readonly proofs: readonly CaptureProof[]
  readonly commands: readonly ReportCommand[]
}

function endOf(snapshot: ClusterSnapshot, words: string): Endpoint {
  const end = resolveEndpoint(snapshot, words)
  if (isEndpoint(end)) return end
  throw new InputError(end.problem)
}

/** What the words of the command line name. Throws InputError when it is no end of this network, or both are one. */
export function resolvePair(snapshot: ClusterSnapshot, source: string, target: string): Pair {
  const pair = { from: endOf(snapshot, source), to: endOf(snapshot, target) }
  if (pair.from.address === pair.to.address) throw new InputError(`${source} and ${target} are the same end`)
  return pair
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
  return new Map(targets.map(({ name, via }) => [name, makeRunner(name, via)]))
}

/** Where the first direction that did not arrive was lost; undefined when both did. */
function lossPlace({ request, reply }: ObservedPing): LossPlace | undefined {
  const lost = [request, reply].find((trace) => trace !== undefined && trace.ends !== 'delivered')
  const loss = lost && lossOf(lost)
  if (loss === undefined) return undefined
  const hops = [...request.hops, ...(reply?.hops ?? [])]
  const path = [...hops.map(({ host }) => host), request.from.host, request.to.host]
  return { at: loss.between.map(({ host, stage }) => ({ host, stage })), path: [...new Set(path)] }
}

function proofsOf({ taps }: RungReports): readonly CaptureProof[] {
  return taps.flatMap(({ place: { host, container, link }, report: { proof } }) =>
    proof === undefined ? [] : [{ host, link, pcap: proof, ...(container !== undefined && { container }) }],
  )
}

/**
 * Follows one ping through a collected cluster. Never rejects for a host's sake: a rung that a host does not
 * allow is in the traces with the reason. `inventory` says how the hosts are reached.
 */
export async function tracePing(
  snapshot: ClusterSnapshot,
  { pair, inventory }: { readonly pair: Pair; readonly inventory: Inventory },
  { intrude, signal, size: asked }: TraceSettings,
): Promise<TracedCluster> {
  const size = asked ?? randomInt(SIZES.least, SIZES.most)
  const walked = walkPing(snapshot, pair, { size })
  const places = placesOf(snapshot, pair, walked)
  const hosts = new Set([pair.from.host, pair.to.host, ...places.map(({ host }) => host)])
  const runners = runnersFor(hosts, inventory)
  const oneClock = [...runners.values()].every(({ kind }) => kind === 'local' || kind === 'netns')
  try {
    const rungs = await climb({
      pair,
      probe: newProbeIdentity(),
      size,
      ports: tunnelPorts(snapshot),
      places,
      runners,
      namespaces: namespacesOf(snapshot, pair, inventory),
      intrude,
      signal,
    })
    const observed = observedPing({ snapshot, pair, walked, size, oneClock }, rungs)
    return {
      traces: reportTraces(observed, rungs, { snapshot, size }),
      loss: lossPlace(observed),
      proofs: proofsOf(rungs),
      commands: rungs.commands,
    }
  } finally {
    await Promise.all([...runners.values()].map((runner) => runner.close()))
  }
}
