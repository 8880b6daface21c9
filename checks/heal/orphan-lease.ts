/**
 * Records of which no host is known although every host was named. flanneld of the peers drops what belongs to them as
 * soon as the key is gone; a record that may be the lease of a host that was not looked at is never deleted.
 */

import { clusterIdentity } from '../expected/cluster-identity.ts'
import { flanneldFor } from '../expected/flanneld-options.ts'
import { knownValue } from '../expected/observed-host.ts'
import type { HealStep } from '../heal-step.ts'
import { maskPrefix, samePrefix } from '../model/address.ts'
import type { Lease, UnreadableLease } from '../model/lease.ts'
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

/** Hosts whose flanneld ends when the record goes: without a lease and with its subnet, or with its public IP. */
function tenants(
  { subnet, publicIp }: Pick<Lease, 'subnet'> & Partial<Pick<Lease, 'publicIp'>>,
  snapshot: ClusterSnapshot,
): readonly Tenant[] {
  const prefix = knownValue(snapshot.datastore.etcd)?.prefix
  const { byHost, hostByPublicIp } = clusterIdentity(snapshot)
  const isTenant = (host: HostName, { subnetEnv }: HostSnapshot['facts']): boolean => {
    const [identity, env] = [byHost.get(host), knownValue(subnetEnv)?.subnet]
    const isBare = identity !== undefined && !('lease' in identity)
    const hasSubnet = env !== undefined && samePrefix(maskPrefix(env), maskPrefix(subnet))
    return (isBare && hasSubnet) || (publicIp !== undefined && hostByPublicIp.get(publicIp) === host)
  }
  return [...snapshot.hosts].flatMap(([host, { facts }]) => {
    // Few hosts are, and the options of a flanneld are read only there.
    const flanneld = isTenant(host, facts) ? knownValue(facts.flanneld) : undefined
    const daemon = flanneld && flanneldFor(flanneld, prefix)
    return daemon === undefined ? [] : [{ host, pid: daemon.pid }]
  })
}

/** They are held until it is gone, and write their own again. */
function deletion(key: string, found: readonly Tenant[]): readonly HealStep[] {
  return [
    ...found.map(({ host, pid }): HealStep => {
      const hold = run(`kill -STOP ${pid}`, 'flanneld does not see what follows', `kill -CONT ${pid}`)
      return { ...hold, on: { only: host } }
    }),
    deleteKey(key, 'peers drop what belongs to this record'),
    ...found.map(({ host }): HealStep => ({ ...RESTART_FLANNELD, on: { only: host } })),
  ]
}

function isWhole(snapshot: ClusterSnapshot): boolean {
  return snapshot.complete && clusterIdentity(snapshot).byHost.size === snapshot.hosts.size
}

/** Deletes a record that cannot be read; the host that has its subnet writes it anew. No step where that host may not have been read. */
export function damagedDeletion({ key, subnet }: UnreadableLease, snapshot: ClusterSnapshot): Deletion {
  const found = subnet === undefined ? [] : tenants({ subnet }, snapshot)
  return { heal: found.length > 0 || isWhole(snapshot) ? deletion('{key}', found) : [], data: { key } }
}

/** Deletes those of the leases that no host has; no step where all have one, or where that is not known. */
export function orphanDeletion(leases: readonly Lease[], snapshot: ClusterSnapshot): Deletion {
  const { hostByLease } = clusterIdentity(snapshot)
  const orphans = isWhole(snapshot) ? leases.filter((lease) => !hostByLease.has(lease)) : []
  return {
    heal: orphans.flatMap((lease, at) => deletion(`{orphan${at}}`, tenants(lease, snapshot))),
    data: Object.fromEntries(orphans.map(({ key }, at) => [`orphan${at}`, key])),
  }
}
