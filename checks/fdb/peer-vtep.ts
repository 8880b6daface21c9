// For each vxlan peer that is not routed directly flannel writes one FDB entry: frames for the peer's
// VTEP MAC go to its public IP (pkg/backend/vxlan/vxlan_network.go, handleSubnetEvents, and
// device.go, AddFDB). Without one the kernel drops the frame inside the VTEP. Entries of former MACs
// stay behind and do no harm.

import { defineHostCheck } from '../define.ts'
import type { ExpectedFdbEntry } from '../expected/expected.ts'
import { subnetOf } from '../expected/ipv6.ts'
import { run } from '../heal/steps.ts'
import { type FdbEntry, fdbDestination } from '../model/fdb.ts'
import { named } from '../model/named.ts'
import { byMac, fdbEntriesFor } from '../model/table-lookup.ts'
import { unproven } from '../model/table-proof.ts'

/** An entry may carry its own port, VNI or link; flannel writes none, and the receiver expects those of the link. */
function leadsTo({ destination, port, vni, via }: FdbEntry, expected: string, external?: string): boolean {
  const isOrdinary = port === undefined && vni === undefined && (via === undefined || via === external)
  return destination === expected && isOrdinary
}

/** Looks at entries without a link of their own only, which are ordinary whatever the external link is. */
const unmet = unproven<ExpectedFdbEntry, FdbEntry, string>({
  indexOf: byMac,
  keyOf: ({ mac }) => mac,
  isMet: ({ mac, link, destination }, index) =>
    index.entriesOf('', mac).some((entry) => entry.link === link && leadsTo(entry, destination)),
})

const REPLACE = run(
  'bridge fdb replace {mac} dev {link} dst {expected} self permanent',
  'frames go to the public IP of the peer',
)

/** One that leads to a nexthop object is not replaced by another. */
const REMOVE = run('bridge fdb del {mac} dev {link}', 'the entry that leads to a nexthop object is gone')

export const check = defineHostCheck({
  id: 'fdb/peer-vtep',
  title: 'FDB entries for peer VTEPs',
  backends: ['vxlan'],
  needs: ['fdb'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no FDB entry on {link} for {mac}, the VTEP of {peer} (lease {subnet}): frames for it are dropped',
      fix: 'Run `bridge fdb replace {mac} dev {link} dst {expected} self permanent` on {host}; flanneld does so when it starts.',
      heal: [run('bridge fdb replace {mac} dev {link} dst {expected} self permanent', 'the entry is back')],
    },
    'wrong-destination': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} sends frames for {peer} (VTEP {mac}, lease {subnet}) to {observed}, its public IP is {expected}',
      fix: 'Run `bridge fdb replace {mac} dev {link} dst {expected} self permanent` on {host}; flanneld missed a change of the lease of {peer}, and reads all leases when it starts.',
      heal: [REPLACE],
    },
  },
  *evaluate({ facts, expected }) {
    const { fdb, ipv6 } = expected
    const open = [fdb, ipv6?.fdb ?? []].flatMap((wanted) => unmet(wanted, facts.fdb))
    for (const { mac, link, destination, peer } of open) {
      const entries = fdbEntriesFor(facts.fdb, mac).filter((entry) => entry.link === link)
      if (entries.some((entry) => leadsTo(entry, destination, expected.externalLink?.name))) continue
      const isIpv6 = link === ipv6?.link?.name
      const subnet = subnetOf(peer.lease, isIpv6)
      const elsewhere = entries.flatMap((entry) => fdbDestination(entry) ?? [])
      const about = {
        peer: peer.name,
        object: named('FDB entry', mac),
        expected: destination,
        data: { mac, link, subnet },
        ...(isIpv6 && { unseenByPings: true as const }),
      }
      if (elsewhere.length === 0) yield { code: 'missing', ...about, observed: 'no entry' }
      else {
        const heal = entries.some(({ nexthop }) => nexthop !== undefined) ? { heal: [REMOVE, REPLACE] } : {}
        yield { code: 'wrong-destination', ...about, observed: elsewhere.join(', '), ...heal }
      }
    }
  },
})
