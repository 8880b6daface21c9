// A vxlan lease carries the MAC of its host's VTEP (`pkg/backend/vxlan/vxlan.go`, `newSubnetAttrs`).
// Peers keep one FDB entry per MAC (`device.go`, `AddFDB`, which replaces), so of two leases with the
// same MAC only the one programmed last is reachable. Cloned machines and copied records do this.

import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { leaseIndex } from '../expected/lease-index.ts'
import { orphanDeletion } from '../heal/orphan-lease.ts'
import { formatAddress, formatPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'

export const check = defineClusterCheck({
  id: 'lease/vtep-mac',
  title: 'VTEP MAC of each lease',
  backends: ['vxlan'],
  needs: ['leases', 'config'],
  findings: {
    duplicate: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'the leases {observed} of {owners} have the same VTEP MAC {mac}: peers can reach only one of these hosts',
      fix: 'On the copy, `ip link del flannel.{vni}` and restart flanneld: the link gets a new MAC, which flanneld publishes. Delete a record that has no host.',
      explains: [
        { code: 'link/mac:differs-from-lease', when: 'anywhere' },
        { code: 'fdb/peer-vtep:wrong-destination', when: 'anywhere' },
        { code: 'neighbour/peer-vtep:wrong-mac', when: 'involves-host' },
        { code: 'lease/peer:*', when: 'involves-host' },
      ],
    },
  },
  *evaluate({ facts: { leases, config }, cluster: { snapshot } }) {
    const { hostByLease } = clusterIdentity(snapshot)
    for (const [mac, same] of leaseIndex(leases).byMac) {
      if (same.length < 2) continue
      const names = same.map((lease) => hostByLease.get(lease))
      const [host] = names.filter((name) => name !== undefined)
      const { heal, data: orphans } = orphanDeletion(same, snapshot)
      yield {
        code: 'duplicate',
        heal,
        ...present({ host }),
        object: named('VTEP MAC', mac),
        expected: 'one lease',
        observed: same.map(({ subnet }) => formatPrefix(subnet)).join(', '),
        data: {
          ...orphans,
          mac,
          vni: config.vni,
          owners: same.map((lease, at) => names[at] ?? formatAddress(lease.publicIp)).join(', '),
        },
      }
    }
  },
})
