// For each peer's lease, vxlan since v0.9.0 writes a permanent neighbour, an FDB entry and a route, in
// this order (`pkg/backend/vxlan/vxlan_network.go`, `handleSubnetEvents`). When all of them are missing
// the daemon never learned of the lease: v0.18.0 to v0.21.2 lose watch events when leases arrive
// together, a watch gap loses changes, and a stopped daemon learns nothing. One entry missing alone is
// another matter; see the checks of routes, neighbours and FDB entries.

import type { Explains } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { flannelLink } from '../expected/flannel-link.ts'
import { programmedPeers } from '../expected/programmed.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { formatAddress, formatPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

const PER_PEER: readonly string[] = [
  'route/peer-subnet:missing',
  'neighbour/peer-vtep:missing',
  'fdb/peer-vtep:missing',
]

export const check = defineHostCheck({
  id: 'lease/peer',
  title: "Peers' leases programmed on the host",
  backends: ['vxlan'],
  needs: ['routes', 'neighbours', 'fdb', 'links', 'leases', 'config'],
  needsExpected: true,
  findings: {
    unprogrammed: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has neither route, neighbour nor FDB entry for {subnet} of {peer}: flanneld never learned of this lease',
      fix: 'Restart flanneld on {host}: it reads all leases again. v0.18.0 to v0.21.2 lose leases that arrive together; v0.21.3 and later forget all at a record that is none (“not a subnet” in the log).',
      heal: [RESTART_FLANNELD],
      explains: PER_PEER.map((code): Explains => ({ code, when: 'same-pair' })),
    },
    none: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no route, neighbour or FDB entry for any of its peers ({count})',
      fix: 'Restart flanneld on {host}: it reads all leases again and programs every peer. v0.21.3 and later forget all at a record that is none (“not a subnet” in the log).',
      heal: [RESTART_FLANNELD],
      explains: ['route/peer-subnet:*', 'neighbour/peer-vtep:*', 'fdb/peer-vtep:*'].map(
        (code): Explains => ({ code, when: 'same-host' }),
      ),
    },
  },
  *evaluate({ facts, expected }) {
    const link = flannelLink(facts.links, expected.link?.name ?? '')
    if ('unsure' in link) return yield link
    // A peer with one entry is judged by the check of that entry: DirectRouting, or vxlan before v0.9.0.
    const { without, isNone } = programmedPeers(expected, facts, 2)
    if (without.length > 1 && isNone) {
      return yield {
        code: 'none',
        object: 'all peers',
        observed: 'not present',
        data: { count: without.length },
      }
    }
    for (const peer of without) {
      const subnet = formatPrefix(peer.lease.subnet)
      const data = { subnet, publicIp: formatAddress(peer.lease.publicIp) }
      yield {
        code: 'unprogrammed',
        peer: peer.name,
        object: named('lease', subnet),
        expected: 'a route and, with vxlan, a neighbour and an FDB entry',
        observed: 'not present',
        shownBy: 'routes',
        data,
      }
    }
  },
})
