// vxlan since v0.9.0: for each peer flannel writes one permanent neighbour, the first address of the
// peer's lease with the peer's VTEP MAC (pkg/backend/vxlan/vxlan_network.go, handleSubnetEvents, and
// device.go, AddARP). Nobody answers ARP on the overlay, so without it no frame can be built.

import { defineHostCheck } from '../define.ts'
import type { ExpectedNeighbour } from '../expected/expected.ts'
import { subnetOf } from '../expected/ipv6.ts'
import { run } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import type { Neighbour } from '../model/neighbour.ts'
import { byAddress, neighboursAt } from '../model/table-lookup.ts'
import { unproven } from '../model/table-proof.ts'

/** `0a:… STALE`, as far as known. */
function neighbourText({ mac, states }: Neighbour): string {
  return [mac ?? 'no MAC', ...states].join(' ')
}

/** What is wrong with the entry for a peer whose VTEP has this MAC. */
function faultOf(
  entry: Neighbour | undefined,
  mac: string,
): { readonly code: 'missing' | 'wrong-mac' | 'not-permanent'; readonly observed: string } | undefined {
  if (entry?.mac === undefined)
    return { code: 'missing', observed: entry ? neighbourText(entry) : 'no entry' }
  if (entry.mac !== mac) return { code: 'wrong-mac', observed: entry.mac }
  return entry.states.includes('PERMANENT')
    ? undefined
    : { code: 'not-permanent', observed: neighbourText(entry) }
}

const unmet = unproven<ExpectedNeighbour, Neighbour, string>({
  indexOf: byAddress,
  keyOf: ({ address }) => address,
  isMet: ({ address, link, mac }, index) => faultOf(index.entriesOf(link, address).at(-1), mac) === undefined,
})

export const check = defineHostCheck({
  id: 'neighbour/peer-vtep',
  title: 'Neighbours for peer VTEPs',
  backends: ['vxlan'],
  needs: ['neighbours'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no neighbour {address} on {link} for {peer} (lease {subnet}, VTEP {expected}): it asks for the MAC and nobody answers',
      fix: 'Run `ip neigh replace {address} lladdr {expected} dev {link} nud permanent` on {host}; flanneld does so when it starts.',
      heal: [
        run('ip neigh replace {address} lladdr {expected} dev {link} nud permanent', 'the neighbour is back'),
      ],
    },
    'wrong-mac': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} sends frames for {peer} (lease {subnet}) to MAC {observed}, its VTEP has {expected}: the peer ignores them',
      fix: 'Run `ip neigh replace {address} lladdr {expected} dev {link} nud permanent` on {host}; flanneld missed a change of the lease of {peer}, and reads all leases when it starts.',
      heal: [
        run(
          'ip neigh replace {address} lladdr {expected} dev {link} nud permanent',
          'frames go to the VTEP of the peer',
        ),
      ],
      explains: [{ code: 'fdb/peer-vtep:missing', when: 'same-pair' }],
    },
    'not-permanent': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the neighbour {address} on {link} of {host} for {peer} is {observed}, not permanent: it ages and is not renewed',
      fix: 'Run `ip neigh replace {address} lladdr {expected} dev {link} nud permanent` on {host}, and find out which program rewrote the entry.',
      heal: [
        run(
          'ip neigh replace {address} lladdr {expected} dev {link} nud permanent',
          'the entry does not age',
        ),
      ],
    },
  },
  *evaluate({ facts, expected }) {
    const { neighbours, ipv6 } = expected
    const open = [neighbours, ipv6?.neighbours ?? []].flatMap((wanted) => unmet(wanted, facts.neighbours))
    for (const { address, link, mac, peer } of open) {
      const entry = neighboursAt(facts.neighbours, link, address).at(-1)
      const fault = faultOf(entry, mac)
      if (fault === undefined) continue
      const isIpv6 = address.includes(':')
      const subnet = subnetOf(peer.lease, isIpv6)
      const about = {
        peer: peer.name,
        object: named('neighbour', address),
        expected: mac,
        data: { address, link, subnet },
      }
      yield { ...about, ...fault, ...(isIpv6 && { unseenByPings: true }) }
    }
  },
})
