/** Pings to the hosts of leases that were not looked at: each lease names three addresses, and they must answer. */
import { clusterIdentity } from '../../checks/expected/cluster-identity.ts'
import { leaseAddresses } from '../../checks/expected/lease-addresses.ts'
import { knownValue } from '../../checks/expected/observed-host.ts'
import { formatPrefix, maskPrefix } from '../../checks/model/address.ts'
import type { Lease } from '../../checks/model/lease.ts'
import type { NetworkConfig } from '../../checks/model/network-config.ts'
import type { ProbePlanObservation } from '../../checks/model/observation.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { HostEnds } from './ends.ts'
import { MOST_PAIRS } from './pairs.ts'
import { type PlannedPing, SMALL } from './planned-ping.ts'

export interface LeasePlan {
  readonly pings: readonly PlannedPing[]
  readonly leases?: NonNullable<ProbePlanObservation['leases']>
}

function unseenLeases(snapshot: ClusterSnapshot): readonly Lease[] {
  const { hostByLease, hostByPublicIp } = clusterIdentity(snapshot)
  const leases = knownValue(snapshot.datastore.leases)?.leases ?? []
  return leases.filter((lease) => !hostByLease.has(lease) && !hostByPublicIp.has(lease.publicIp))
}

function pingsTo(lease: Lease, config: NetworkConfig, { host }: HostEnds): readonly PlannedPing[] {
  const { publicIp, flannelLink, bridge } = leaseAddresses(lease, config)
  const to = { host: publicIp, lease: formatPrefix(maskPrefix(lease.subnet)) }
  const base = { from: { host }, to, size: SMALL, full: false }
  return [
    { ...base, pattern: 'hu', address: publicIp },
    ...(flannelLink === undefined ? [] : [{ ...base, pattern: 'hv', address: flannelLink } as const]),
    { ...base, pattern: 'hd', address: bridge },
  ]
}

/**
 * Every host pings the host of every such lease. Where that is too much each lease is pinged by one host, in turn, and of
 * a very large network the first leases only.
 */
export function planLeases(
  snapshot: ClusterSnapshot,
  senders: readonly HostEnds[],
  most: number = MOST_PAIRS,
): LeasePlan {
  const config = knownValue(snapshot.datastore.config)
  const leases = unseenLeases(snapshot)
  if (config === undefined || leases.length === 0 || senders.length === 0) return { pings: [] }
  const chosen = leases.slice(0, most)
  const isWhole = chosen.length * senders.length <= most
  const from = (index: number): readonly HostEnds[] =>
    isWhole ? senders : senders.slice(index % senders.length).slice(0, 1)
  return {
    pings: chosen.flatMap((lease, index) => from(index).flatMap((host) => pingsTo(lease, config, host))),
    leases: { pinged: chosen.length, all: leases.length },
  }
}
