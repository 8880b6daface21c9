/**
 * Records of which no host is known although every host was named. flanneld of the peers drops what belongs to them as
 * soon as the key is gone; a record that may be the lease of a host that was not looked at is never deleted.
 */

import { clusterIdentity } from '../expected/cluster-identity.ts'
import { flanneldFor } from '../expected/flanneld-options.ts'
import { knownValue } from '../expected/observed-host.ts'
import type { HealStep } from '../heal-step.ts'
import { maskPrefix, samePrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { ClusterSnapshot, HostName, HostSnapshot } from '../model/snapshot.ts'
import { deleteKey, RESTART_FLANNELD, run } from './steps.ts'

/** The part of a draft that deletes records. */
export interface Deletion {
  readonly heal: readonly HealStep[]
  readonly data: Readonly<Record<string, string>>
}

interface Tenant {
  readonly host: HostName
  readonly pid: number
}

/** The host without a lease whose subnet the record has, or the one whose public IP it has. */
function tenant({ subnet, publicIp }: Lease, snapshot: ClusterSnapshot): Tenant | undefined {
  const prefix = knownValue(snapshot.datastore.etcd)?.prefix
  const { byHost, hostByPublicIp } = clusterIdentity(snapshot)
  const isHolder = (host: HostName, { subnetEnv }: HostSnapshot['facts']): boolean => {
    const [identity, env] = [byHost.get(host), knownValue(subnetEnv)?.subnet]
    const isBare = identity !== undefined && !('lease' in identity)
    const hasSubnet = env !== undefined && samePrefix(maskPrefix(env), maskPrefix(subnet))
    return (isBare && hasSubnet) || hostByPublicIp.get(publicIp) === host
  }
  for (const [host, { facts }] of snapshot.hosts) {
    const daemon = flanneldFor(knownValue(facts.flanneld) ?? { processes: [] }, prefix)
    if (daemon !== undefined && isHolder(host, facts)) return { host, pid: daemon.pid }
  }
  return undefined
}

/** A flanneld ends as soon as a record of its subnet or public IP is gone: it is held until then, and writes its own again. */
function deletion(key: string, found: Tenant | undefined): readonly HealStep[] {
  const step = deleteKey(key, 'peers drop what belongs to this record')
  if (found === undefined) return [step]
  const on = { only: found.host }
  return [
    { ...run(`kill -STOP ${found.pid}`, 'flanneld does not see what follows'), on },
    step,
    { ...RESTART_FLANNELD, on },
  ]
}

/** Deletes those of the leases that no host has; no step where all have one, or where that is not known. */
export function orphanDeletion(leases: readonly Lease[], snapshot: ClusterSnapshot): Deletion {
  const { hostByLease, byHost } = clusterIdentity(snapshot)
  const isWhole = snapshot.complete && byHost.size === snapshot.hosts.size
  const orphans = isWhole ? leases.filter((lease) => !hostByLease.has(lease)) : []
  return {
    heal: orphans.flatMap((lease, at) => deletion(`{orphan${at}}`, tenant(lease, snapshot))),
    data: Object.fromEntries(orphans.map(({ key }, at) => [`orphan${at}`, key])),
  }
}
