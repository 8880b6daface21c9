// flanneld leases one subnet of SubnetLen between SubnetMin and SubnetMax that overlaps no other lease
// (`pkg/subnet/etcd/local_manager.go`, `allocateSubnet`); when there is none it says "out of subnets" and has no
// lease. Leases of hosts that are gone count for up to 24 h.
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { orphanDeletion } from '../heal/orphan-lease.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { formatAddress, lastAddress, networkAddress } from '../model/address.ts'
import type { LeaseTable } from '../model/lease.ts'
import type { NetworkConfig } from '../model/network-config.ts'

/** Subnets that can be leased in all. */
function capacityOf({ subnetMin, subnetMax, subnetLength }: NetworkConfig): number {
  return Math.max(0, Math.floor((subnetMax - subnetMin) / 2 ** (32 - subnetLength)) + 1)
}

/** How many of them a lease or an unreadable record occupies, wholly or in part. */
function occupied(config: NetworkConfig, { leases, unreadable }: LeaseTable): number {
  const { subnetMin, subnetLength } = config
  const size = 2 ** (32 - subnetLength)
  const last = capacityOf(config) - 1
  const slots = new Set<number>()
  for (const { subnet } of [...leases, ...unreadable]) {
    if (subnet === undefined) continue
    const to = Math.min(last, Math.floor((lastAddress(subnet) - subnetMin) / size))
    for (
      let slot = Math.max(0, Math.floor((networkAddress(subnet) - subnetMin) / size));
      slot <= to;
      slot += 1
    )
      slots.add(slot)
  }
  return slots.size
}

export const check = defineClusterCheck({
  id: 'datastore/capacity',
  title: 'Free subnets',
  backends: 'any',
  needs: ['etcd', 'config', 'leases', 'flanneld'],
  findings: {
    exhausted: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'all {capacity} subnets from {expected} are leased, and {waiting} has none',
      fix: 'Delete the leases of hosts that are gone, or widen SubnetMin and SubnetMax (or Network) in the configuration; flanneld then takes a subnet when it restarts.',
      explains: [
        { code: 'lease/own:missing', when: 'anywhere' },
        { code: 'daemon/process:not-running', when: 'anywhere' },
        { code: 'daemon/log:out-of-subnets', when: 'anywhere' },
      ],
    },
    full: {
      severity: 'info',
      confidence: 'certain',
      says: 'all {capacity} subnets from {expected} are leased: no further host can join',
      fix: 'Before a host is added, widen SubnetMin and SubnetMax, or delete leases of hosts that are gone.',
    },
  },
  *evaluate({ facts: { config, leases }, hosts, cluster: { snapshot } }) {
    const capacity = capacityOf(config)
    if (capacity === 0 || occupied(config, leases) < capacity) return
    const { byHost } = clusterIdentity(snapshot)
    const waiting = [...hosts.keys()].filter((host) => {
      const identity = byHost.get(host)
      return identity !== undefined && 'cause' in identity && identity.cause === 'no-lease'
    })
    const expected = `${formatAddress(config.subnetMin)} to ${formatAddress(config.subnetMax)}`
    const place = { object: 'subnets', expected, observed: `${capacity} leased` }
    if (waiting.length === 0) yield { code: 'full', ...place, data: { capacity } }
    else {
      const { heal, data: orphans } = orphanDeletion(leases.leases, snapshot)
      const restarts = waiting.map((only) => ({ ...RESTART_FLANNELD, on: { only } }))
      const steps = heal.length === 0 ? [] : [...heal, ...restarts]
      yield {
        code: 'exhausted',
        ...place,
        heal: steps,
        data: { ...orphans, capacity, waiting: waiting.join(', ') },
      }
    }
  },
})
