/**
 * Which hosts are walked with which. Up to 64 hosts it is every ordered pair. Above that each
 * host is walked with the next ones around a ring, both ways, about as many pairs as of 64 hosts and
 * never fewer than four peers of each; the table checks still compare every host's entries for every peer.
 */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { knownValue } from '../../expected/observed-host.ts'
import type { Lease } from '../../model/lease.ts'
import type { ClusterSnapshot, HostName } from '../../model/snapshot.ts'
import { worldOf } from '../walk/world.ts'
import { collectedEnds, endsBeyond, type HostEnds } from './ends.ts'

/** Hosts of which every pair is walked. */
export const MOST_HOSTS = 64
const MOST_PAIRS = MOST_HOSTS * (MOST_HOSTS - 1)
/** Behind each host in the ring; as many before it are walked with it too. */
const FEWEST_BEHIND = 2

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

/** The peers of the host at a position of the ring: all, or as many as every host is walked with. */
function peersOf(ring: readonly HostEnds[], at: number): readonly HostEnds[] {
  const all = ring.length - 1
  const some = Math.max(FEWEST_BEHIND, Math.floor(MOST_PAIRS / 2 / ring.length))
  const count = ring.length <= MOST_HOSTS ? all : some
  return Array.from({ length: count }, (_, step) => ring[(at + 1 + step) % ring.length]).filter(
    (peer) => peer !== undefined,
  )
}

/** Every host with the leases of those that were not collected, at most as many as with collected ones. */
function pairsBeyond(collected: readonly HostEnds[], leases: readonly Lease[]): HostPair[] {
  const most = collected.length === 1 ? leases.length : MOST_HOSTS
  const beyond = leases.slice(0, most).map(endsBeyond)
  return collected.flatMap((host) =>
    beyond.flatMap((peer, index) => {
      const isFirst = collected.length === 1 && index === 0
      return [
        { from: host, to: peer, isFirst },
        { from: peer, to: host, isFirst },
      ]
    }),
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
  const inRing = ring.flatMap((from, at) =>
    peersOf(ring, at).flatMap((to, index) => {
      const isFirst = index === 0
      const back = { from: to, to: from, isFirst }
      return ring.length <= MOST_HOSTS ? [{ from, to, isFirst }] : [{ from, to, isFirst }, back]
    }),
  )
  const pairs = [...inRing, ...pairsBeyond(ring, leases)]
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
