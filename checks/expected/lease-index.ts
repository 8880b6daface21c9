/**
 * Lookups over the leases of one snapshot, built once: with a thousand leases a scan
 * per host and question would be quadratic.
 */
import { networkAddress, type Prefix } from '../model/address.ts'
import type { Lease, LeaseTable, UnreadableLease } from '../model/lease.ts'

/** Leases by what identifies them; several leases may share a public IP or a MAC. */
export interface LeaseIndex {
  readonly byPublicIp: ReadonlyMap<number, readonly Lease[]>
  readonly byMac: ReadonlyMap<string, readonly Lease[]>
  readonly bySubnet: ReadonlyMap<string, Lease>
  readonly byNode: ReadonlyMap<string, Lease>
  readonly unreadableBySubnet: ReadonlyMap<string, UnreadableLease>
}

const indexes = new WeakMap<LeaseTable, LeaseIndex>()

/** The index of a lease table; the same object on every call with the same table. */
export function leaseIndex(table: LeaseTable): LeaseIndex {
  const known = indexes.get(table)
  if (known) return known
  const index = {
    byPublicIp: group(table.leases, (lease) => lease.publicIp),
    byMac: group(table.leases, (lease) => lease.vtepMac),
    bySubnet: new Map(table.leases.map((lease) => [subnetKey(lease.subnet), lease])),
    byNode: new Map(
      table.leases.flatMap((lease) => (lease.node === undefined ? [] : [[lease.node, lease] as const])),
    ),
    unreadableBySubnet: new Map(
      table.unreadable.flatMap((record) =>
        record.subnet ? [[subnetKey(record.subnet), record] as const] : [],
      ),
    ),
  }
  indexes.set(table, index)
  return index
}

/** One text per subnet, host bits ignored. */
export function subnetKey(subnet: Prefix): string {
  return `${networkAddress(subnet)}/${subnet.length}`
}

function group<K>(leases: readonly Lease[], keyOf: (lease: Lease) => K | undefined): Map<K, Lease[]> {
  const groups = new Map<K, Lease[]>()
  for (const lease of leases) {
    const key = keyOf(lease)
    if (key === undefined) continue
    const members = groups.get(key)
    if (members) members.push(lease)
    else groups.set(key, [lease])
  }
  return groups
}
