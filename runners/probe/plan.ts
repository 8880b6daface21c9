/** The probe matrix: for each chosen ordered pair of hosts every pattern that both ends allow, small and full size. */
import type {
  PingPattern,
  ProbePlanObservation,
  TunnelPortObservation,
} from '../../checks/model/observation.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { type ContainerEnd, endsOf, type HostEnds } from './ends.ts'
import { planLeases } from './lease-plan.ts'
import { choosePairs } from './pairs.ts'
import { type PlannedPing, SMALL } from './planned-ping.ts'

/** A datagram to the UDP port of a host's overlay, should no ping between the two come through. */
export type PlannedPort = Pick<TunnelPortObservation, 'from' | 'to' | 'address' | 'port'>

export interface ProbePlan {
  readonly pings: readonly PlannedPing[]
  readonly ports: readonly PlannedPort[]
  readonly summary: ProbePlanObservation
}

/** One path of a pair: who, where to, and the largest packet that both ends allow. */
interface Path {
  readonly pattern: PingPattern
  readonly address: string | undefined
  readonly source?: ContainerEnd
  readonly target?: ContainerEnd
  /** Absent: only a small ping is sent. */
  readonly mtu?: number
}

/** The smaller of two MTUs; undefined when one is not known. */
function smaller(a: number | undefined, b: number | undefined): { readonly mtu?: number } {
  return a === undefined || b === undefined ? {} : { mtu: Math.min(a, b) }
}

/** Takes turns among a host's containers, so that other pairs reach the others. */
function turn(containers: readonly ContainerEnd[], at: number): ContainerEnd | undefined {
  return containers[at % Math.max(containers.length, 1)]
}

/** The paths from A to B. Full size goes where the MTU of both ends is known: underlay, and the longest way through the overlay. */
function pathsOf(a: HostEnds, b: HostEnds, at: number): readonly Path[] {
  const source = turn(a.containers, at)
  const target = turn(b.containers, at)
  const paths: Path[] = [
    { pattern: 'hu', address: b.publicIp, ...smaller(a.underlayMtu, b.underlayMtu) },
    {
      pattern: 'hd',
      address: b.bridgeAddress,
      ...(source && target ? {} : smaller(a.overlayMtu, b.overlayMtu)),
    },
  ]
  if (target) paths.push({ pattern: 'hc', address: target.address, target })
  if (source) paths.push({ pattern: 'cd', address: b.bridgeAddress, source })
  if (source && target)
    paths.push({ pattern: 'cc', address: target.address, source, target, ...smaller(source.mtu, target.mtu) })
  return paths
}

function pingsOf(a: HostEnds, b: HostEnds, at: number): PlannedPing[] {
  return pathsOf(a, b, at).flatMap(({ pattern, address, source, target, mtu }) => {
    if (address === undefined) return []
    const base = {
      pattern,
      from: { host: a.host, ...(source && { container: source.name }) },
      to: { host: b.host, ...(target && { container: target.name }) },
      address,
      ...present({ source, target }),
    }
    const small = { ...base, size: SMALL, full: false }
    return mtu === undefined || mtu <= SMALL ? [small] : [small, { ...base, size: mtu, full: true }]
  })
}

/** Containers of one host that are pinged besides those whose turn it was. */
const MOST_OTHERS = 8

function small(
  from: HostEnds,
  source: ContainerEnd,
  [to, target]: readonly [HostEnds, ContainerEnd],
): PlannedPing {
  return {
    pattern: 'cc',
    from: { host: from.host, container: source.name },
    to: { host: to.host, container: target.name },
    address: target.address,
    source,
    target,
    size: SMALL,
    full: false,
  }
}

/** One small ping to and from each container that no ping of the mesh goes to: what loses packets of one container is seen by it alone. */
function pingsToOthers(
  pairs: readonly (readonly [HostEnds, HostEnds])[],
  pings: readonly PlannedPing[],
): readonly PlannedPing[] {
  const reached = new Set(pings.flatMap(({ target }) => target ?? []))
  const peers = new Map(pairs.map(([a, b]) => [b, a]))
  const found = [...peers].flatMap(([b, a]) => {
    const [source] = a.containers
    const others = source === undefined ? [] : b.containers.filter((target) => !reached.has(target))
    return others
      .slice(0, MOST_OTHERS)
      .flatMap((other) => (source ? [small(a, source, [b, other]), small(b, other, [a, source])] : []))
  })
  // Of two that are the first of their hosts each would be pinged on behalf of both.
  return [...new Map(found.map((ping) => [JSON.stringify([ping.from, ping.to]), ping])).values()]
}

function portsOf(a: HostEnds, { host, publicIp, udpPort }: HostEnds): PlannedPort[] {
  if (udpPort === undefined) return []
  return [{ from: { host: a.host }, to: { host }, address: publicIp, port: udpPort }]
}

/** Plans the probes of a snapshot; in a sampled mesh another turn takes other pairs. Hosts and containers that cannot take part are named in the summary. */
export function planProbes(snapshot: ClusterSnapshot, turn?: number): ProbePlan {
  const hosts = [...snapshot.hosts.values()].map((host) => endsOf(snapshot, host))
  const usable = hosts.flatMap(({ ends }) => (ends === undefined ? [] : [ends]))
  const places = new Map(usable.map((ends, index) => [ends, index]))
  const { pairs, ofPairs, sampledBy } = choosePairs(usable, ({ host }) => host, turn)
  const { pings: toLeases, leases } = planLeases(snapshot, usable)
  const pings = pairs.flatMap(([a, b]) => pingsOf(a, b, (places.get(a) ?? 0) + (places.get(b) ?? 0)))
  return {
    pings: [...pings, ...pingsToOthers(pairs, pings), ...toLeases],
    ports: pairs.flatMap(([a, b]) => portsOf(a, b)),
    summary: {
      kind: 'probe-plan',
      pairs: pairs.length,
      ofPairs,
      ...present({ leases, sampledBy }),
      leftOut: hosts.flatMap(({ leftOut }) => leftOut),
    },
  }
}
