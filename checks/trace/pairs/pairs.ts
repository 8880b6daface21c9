/**
 * Which hosts are walked with which. Up to 64 hosts it is every ordered pair. Above that each host is walked with the
 * next ones around a ring, both ways, and with one peer of each kind that something on it tells from those; the table
 * checks still compare every host's entries for every peer.
 */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { knownValue } from '../../expected/observed-host.ts'
import type { Lease } from '../../model/lease.ts'
import type { ClusterSnapshot, HostName } from '../../model/snapshot.ts'
import { worldOf } from '../walk/world.ts'
import { collectedEnds, endsBeyond, type HostEnds } from './ends.ts'
import { toldApart } from './told-apart.ts'

/** Hosts of which every pair is walked. */
export const MOST_HOSTS = 64
/** Of more hosts about half as many pairs as of 64 are those of the ring, and at most as many again tell peers apart. */
const MOST_PAIRS = (MOST_HOSTS * (MOST_HOSTS - 1)) / 2
/** Behind each host in the ring; as many before it are walked with it too. */
const FEWEST_BEHIND = 1

export interface HostPair {
  readonly from: HostEnds
  readonly to: HostEnds
  /** Set for one peer of each end: with it the containers are walked that no rule names. */
  readonly isFirst: boolean
}

export interface PlannedPairs {
  readonly pairs: readonly HostPair[]
  /** Ordered pairs of hosts that there are. */
  readonly of: number
}

/**
 * Leases of hosts that were not collected. With every host of the network read they are leftovers, which others judge, as
 * they do a second lease with the public IP of a known host.
 */
function leasesBeyond(snapshot: ClusterSnapshot): readonly Lease[] {
  const isWhole = ![...worldOf(snapshot).hosts.values()].some((host) => 'absent' in host)
  if (snapshot.complete && isWhole) return []
  const { hostByLease, hostByPublicIp } = clusterIdentity(snapshot)
  return (knownValue(snapshot.datastore.leases)?.leases ?? []).filter(
    (lease) => !hostByLease.has(lease) && !hostByPublicIp.has(lease.publicIp),
  )
}

/** How many hosts of the ring each is walked with in one direction. */
function behind(ring: readonly HostEnds[]): number {
  const some = Math.max(FEWEST_BEHIND, Math.floor(MOST_PAIRS / 2 / ring.length))
  return ring.length <= MOST_HOSTS ? ring.length - 1 : some
}

/** The peers of the host at a position of the ring, so many steps behind it, or before it. */
function peersOf(ring: readonly HostEnds[], at: number, direction: 1 | -1 = 1): readonly HostEnds[] {
  return Array.from(
    { length: behind(ring) },
    (_, step) => ring[(at + direction * (1 + step) + ring.length) % ring.length],
  ).filter((peer) => peer !== undefined)
}

function bothWays(from: HostEnds, to: HostEnds, isFirst: boolean): readonly HostPair[] {
  return [
    { from, to, isFirst },
    { from: to, to: from, isFirst },
  ]
}

/** Pairs beside those of the ring, whose hosts treat each other unlike these. */
function pairsApart(snapshot: ClusterSnapshot, ring: readonly HostEnds[]): readonly HostPair[] {
  const { byHost, hostByLease } = clusterIdentity(snapshot)
  const endsByName = new Map(ring.map((ends) => [ends.name, ends]))
  const besides = toldApart(snapshot)
  const leaseOf = ({ name }: HostEnds): readonly Lease[] => {
    const identity = byHost.get(name)
    return identity !== undefined && 'lease' in identity ? [identity.lease] : []
  }
  const found = new Map<string, readonly HostPair[]>()
  for (const [at, from] of ring.entries()) {
    const walked = [...peersOf(ring, at), ...peersOf(ring, at, -1)].flatMap(leaseOf)
    for (const lease of besides(from.name, walked)) {
      const to = endsByName.get(hostByLease.get(lease) ?? '')
      if (to === undefined) continue
      const key = JSON.stringify([from.name, to.name].sort())
      found.set(key, bothWays(from, to, false))
    }
    if (2 * found.size >= MOST_PAIRS) break
  }
  return [...found.values()].flat()
}

/** Of the leases of hosts that were not collected the first ones, and those that a collected host tells from them. */
function leasesWalked(
  snapshot: ClusterSnapshot,
  collected: readonly HostEnds[],
  leases: readonly Lease[],
): readonly Lease[] {
  if (collected.length === 1 || leases.length <= MOST_HOSTS) return leases
  const first = leases.slice(0, MOST_HOSTS)
  const besides = toldApart(snapshot)
  const apart = new Set(collected.flatMap(({ name }) => besides(name, first)))
  return [...first, ...leases.slice(MOST_HOSTS).filter((lease) => apart.has(lease))].slice(0, 2 * MOST_HOSTS)
}

/** Every host with leases of those that were not collected. */
function pairsBeyond(collected: readonly HostEnds[], leases: readonly Lease[]): HostPair[] {
  const beyond = leases.map(endsBeyond)
  return collected.flatMap((host) =>
    beyond.flatMap((peer, index) => bothWays(host, peer, collected.length === 1 && index === 0)),
  )
}

const planned = new WeakMap<ClusterSnapshot, PlannedPairs>()

/** The pairs to be walked, none where the network is not known; the same object on every call. */
export function plannedPairs(snapshot: ClusterSnapshot): PlannedPairs {
  const found = planned.get(snapshot) ?? plan(snapshot)
  planned.set(snapshot, found)
  return found
}

function plan(snapshot: ClusterSnapshot): PlannedPairs {
  const config = knownValue(snapshot.datastore.config)
  if (config === undefined) return { pairs: [], of: 0 }
  const ring = collectedEnds(snapshot, config.network)
  const leases = leasesBeyond(snapshot)
  const isEvery = ring.length <= MOST_HOSTS
  const inRing = ring.flatMap((from, at) =>
    peersOf(ring, at).flatMap((to, index) =>
      isEvery ? [{ from, to, isFirst: index === 0 }] : bothWays(from, to, index === 0),
    ),
  )
  const apart = isEvery ? [] : pairsApart(snapshot, ring)
  const pairs = [...inRing, ...apart, ...pairsBeyond(ring, leasesWalked(snapshot, ring, leases))]
  return { pairs, of: ring.length * (ring.length - 1) + 2 * ring.length * leases.length }
}

const senders = new WeakMap<ClusterSnapshot, ReadonlyMap<HostName, readonly HostPair[]>>()

/** The planned pairs that a host sends to; looked up, not searched. */
export function pairsFrom(snapshot: ClusterSnapshot, host: HostName): readonly HostPair[] {
  const known = senders.get(snapshot)
  if (known) return known.get(host) ?? []
  const found = Map.groupBy(plannedPairs(snapshot).pairs, ({ from }) => from.name)
  senders.set(snapshot, found)
  return found.get(host) ?? []
}
