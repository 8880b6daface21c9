/**
 * Records of which no host is known although every host was named. flanneld of the peers drops what belongs to them as
 * soon as the key is gone; a record that may be the lease of a host that was not looked at is never deleted.
 */

import { clusterIdentity } from '../expected/cluster-identity.ts'
import type { HealStep } from '../heal-step.ts'
import type { Lease } from '../model/lease.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { deleteKey } from './steps.ts'

/** The part of a draft that deletes records. */
export interface Deletion {
  readonly heal: readonly HealStep[]
  readonly data: Readonly<Record<string, string>>
}

/** Deletes those of the leases that no host has; no step where all have one, or where that is not known. */
export function orphanDeletion(leases: readonly Lease[], snapshot: ClusterSnapshot): Deletion {
  const { hostByLease, byHost } = clusterIdentity(snapshot)
  const isWhole = snapshot.complete && byHost.size === snapshot.hosts.size
  const orphans = isWhole ? leases.filter((lease) => !hostByLease.has(lease)) : []
  return {
    heal: orphans.map((_, at) => deleteKey(`{orphan${at}}`, 'peers drop what belongs to this record')),
    data: Object.fromEntries(orphans.map(({ key }, at) => [`orphan${at}`, key])),
  }
}
