// Encapsulated packets arrive on a UDP port: a socket of the kernel for vxlan, open while the link is
// up (Linux drivers/net/vxlan, vxlan_open), a socket of flanneld bound to the interface address for
// udp (pkg/backend/udp/udp_network_amd64.go, newNetwork). Without it the host answers peers with
// ICMP "port unreachable".

import { defineHostCheck } from '../define.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { formatAddress } from '../model/address.ts'
import { named } from '../model/named.ts'

const ANY = ['0.0.0.0', '::', '*']

export const check = defineHostCheck({
  id: 'tunnel/socket',
  title: 'UDP socket of the overlay',
  backends: ['vxlan', 'udp'],
  needs: ['sockets'],
  needsExpected: true,
  findings: {
    'not-listening': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no socket on {expected} for the overlay (found: {observed}): packets of peers are refused',
      fix: 'Restart flanneld on {host} and look whether another program holds port {port}: `ss -lunp sport = :{port}`.',
      heal: [RESTART_FLANNELD],
    },
  },
  *evaluate({ facts, expected }) {
    const { udpPort: port, externalLink, lease } = expected
    if (port === undefined) return
    const own = [externalLink?.address, lease.publicIp].flatMap((address) =>
      address === undefined ? [] : [formatAddress(address)],
    )
    const bound = facts.sockets.filter((socket) => socket.port === port)
    if (bound.some(({ address }) => ANY.includes(address) || own.includes(address))) return
    yield {
      code: 'not-listening',
      object: named('UDP port', port),
      expected: `UDP port ${port}`,
      observed: bound.map(({ address }) => `${address}:${port}`).join(', ') || 'none',
      data: { port },
    }
  },
})
