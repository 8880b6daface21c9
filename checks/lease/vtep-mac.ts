// A vxlan lease carries the MAC of its host's VTEP (`pkg/backend/vxlan/vxlan.go`, `newSubnetAttrs`).
// Peers keep one FDB entry per MAC (`device.go`, `AddFDB`, which replaces), so of two leases with the
// same MAC only the one programmed last is reachable. Cloned machines and copied records do this.

import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { leaseIndex } from '../expected/lease-index.ts'
import { knownValue } from '../expected/observed-host.ts'
import { orphanDeletion } from '../heal/orphan-lease.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { formatAddress, formatPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

interface Overlay {
  readonly link: string
  readonly hosts: ClusterSnapshot['hosts']
}

/** A host whose link has another MAC has only to say so; of those that share one, all but the first get a new link. */
function published(names: readonly HostName[], mac: string, { link, hosts }: Overlay): readonly HealStep[] {
  const macOf = (name: HostName): string | undefined => {
    const facts = hosts.get(name)?.facts
    return facts && knownValue(facts.links)?.find((one) => one.name === link)?.mac
  }
  const first = names.find((name) => macOf(name) === mac)
  return names.flatMap((name): readonly HealStep[] => {
    const [own, on] = [macOf(name), { only: name }]
    const restart = { ...RESTART_FLANNELD, on }
    if (own === undefined || name === first) return []
    return own === mac
      ? [{ ...run(`ip link del ${link}`, 'the next one gets a new MAC'), on }, restart]
      : [restart]
  })
}

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
      const { heal, data: orphans } = orphanDeletion(same, snapshot)
      const overlay = { link: `flannel.${config.vni}`, hosts: snapshot.hosts }
      const owners = names.filter((name) => name !== undefined)
      const [host] = owners
      yield {
        code: 'duplicate',
        heal: [...heal, ...published(owners, mac, overlay)],
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
