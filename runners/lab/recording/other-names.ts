/** New names for process ids, leases, link-local addresses of no MAC, and the lab itself. */
import type { CollectedCluster, CollectedHost } from '../../run/collecting/collect-cluster.ts'
import type { Names } from './mac-names.ts'

/** Processes of host n (from 1) are numbered from here. */
const PIDS_PER_HOST = 1000

function pidsOf({ settings, snapshot: { facts } }: CollectedHost): readonly number[] {
  const processes = facts.flanneld.known ? facts.flanneld.value.processes : []
  const containers = facts.containers.known ? facts.containers.value : []
  const found = [
    settings.flanneldPid,
    ...processes.map(({ pid }) => pid),
    ...containers.map(({ pid }) => pid),
  ]
  return found.filter((pid) => pid !== undefined)
}

/** Every process of the looks, in the order in which they are met. */
export function pidNames(looks: readonly CollectedCluster[]): ReadonlyMap<number, number> {
  const names = new Map<number, number>()
  const counts = new Map<string, number>()
  for (const host of looks.flatMap(({ hosts }) => hosts)) {
    const { name } = host.target
    const number = Number(/\d+$/.exec(name)?.[0] ?? 0)
    for (const pid of pidsOf(host)) {
      if (names.has(pid)) continue
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      names.set(pid, number * PIDS_PER_HOST + count)
    }
  }
  return names
}

/** A tun link has no MAC: the kernel gives it a random link-local address. */
export function linkLocalNames(looks: readonly CollectedCluster[], known: Names): Names {
  const names = new Map<string, string>()
  const counts = new Map<number, number>()
  for (const { hosts } of looks) {
    for (const [at, { snapshot }] of hosts.entries()) {
      const addresses = snapshot.facts.addresses.known ? snapshot.facts.addresses.value : []
      for (const { address } of addresses) {
        if (!address.startsWith('fe80:') || known.has(address) || names.has(address)) continue
        const count = (counts.get(at) ?? 0) + 1
        counts.set(at, count)
        names.set(address, `fe80::${at + 1}:${count}`)
      }
    }
  }
  return names
}

/** etcd's lease ids, 16 hexadecimal digits each, in the order of the keys that hang on them. */
export function leaseNames(looks: readonly CollectedCluster[]): Names {
  const ids = looks.flatMap(({ reading }) =>
    ('v3' in reading ? (reading.v3?.entries ?? []) : []).flatMap(({ leaseId }) => leaseId ?? []),
  )
  return new Map(
    [...new Set(ids)].map((id, at) => [id.toLowerCase(), `fd${String(at + 1).padStart(14, '0')}`]),
  )
}
