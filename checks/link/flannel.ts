// flannel makes one link per network: flannel.VNI for vxlan (pkg/backend/vxlan/vxlan_network.go and
// device.go, newVXLANDevice and ensureLink), flannel0 for udp (pkg/backend/udp, configureIface).
// The kernel drops the routes and neighbours of a link that goes down and closes its UDP socket;
// flanneld restores neither when the link comes up again. A link whose ARP is switched off or on again forgets its
// neighbours, permanent ones too, and without ARP it takes every address to have the link's own MAC (Linux net/ipv4/arp.c,
// arp_netdev_event and arp_constructor). A tun link never has ARP.

import type { Explains } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { isUp, type Link } from '../model/link.ts'
import { named } from '../model/named.ts'

const LOST_WITH_LINK: readonly Explains[] = [
  { code: 'lease/peer:*', when: 'same-host' },
  { code: 'tunnel/socket:not-listening', when: 'same-host' },
  { code: 'route/peer-subnet:*', when: 'same-host' },
  { code: 'route/network:*', when: 'same-host' },
  { code: 'route/reverse-path-filter:strict', when: 'same-host' },
  { code: 'neighbour/peer-vtep:missing', when: 'same-host' },
]

/** A tun link has a carrier while a program has it open; others have none of their own. */
function isRead({ kind, flags }: Link): boolean {
  return kind !== 'tun' || flags.includes('LOWER_UP')
}

/** flanneld takes the first name that is free (`pkg/backend/udp`, initTun: flannel%d). */
function isReadTun(link: Link): boolean {
  return link.kind === 'tun' && /^flannel\d/.test(link.name) && isRead(link)
}

export const check = defineHostCheck({
  id: 'link/flannel',
  title: 'The link flannel creates',
  backends: ['vxlan', 'udp'],
  needs: ['links'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no link {expected}: nothing enters or leaves the overlay here',
      fix: 'Restart flanneld on {host}; it creates {expected} and programs every peer.',
      heal: [RESTART_FLANNELD],
      explains: [...LOST_WITH_LINK, { code: 'fdb/peer-vtep:missing', when: 'same-host' }],
    },
    down: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{link} on {host} is down: the kernel has dropped its routes and neighbours',
      fix: 'Restart flanneld on {host} after `ip link set {link} up`; bringing the link up alone does not bring routes and neighbours back.',
      heal: [run('ip link set {link} up', 'the link is up'), RESTART_FLANNELD],
      explains: LOST_WITH_LINK,
    },
    'arp-off': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'ARP is switched off on {link} of {host}: the kernel has dropped its neighbours and sends frames for every peer to the MAC of {link} itself',
      fix: 'Run `ip link set {link} arp on` and restart flanneld on {host}, which writes the neighbours again; find what switched it off (`ARP=no` of systemd-networkd, a script).',
      heal: [run('ip link set {link} arp on', 'the link has neighbours again'), RESTART_FLANNELD],
      explains: [{ code: 'neighbour/peer-vtep:*', when: 'same-host' }],
    },
    unread: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'nobody reads {link} on {host}, which was there before flanneld: that made {other} and reads it, while packets are routed to {link}',
      fix: 'Delete {link} on {host} and restart flanneld, which then makes it; find what makes a tun link of that name (`ip tuntap add`, OpenVPN, a script of a former installation).',
      heal: [run('ip link del {link}', 'the name is free'), RESTART_FLANNELD],
      explains: LOST_WITH_LINK,
    },
  },
  *evaluate({ facts, expected }) {
    if (!expected.link) return
    const { name } = expected.link
    const link = facts.links.find((other) => other.name === name)
    const about = { object: named('link', name), data: { link: name } }
    if (!link) yield { code: 'missing', ...about, expected: name, observed: 'no such link' }
    else if (!isUp(link)) {
      yield { code: 'down', ...about, expected: 'UP', observed: link.flags.join(',') || 'no flags' }
    } else if (link.kind === 'vxlan' && link.flags.includes('NOARP')) {
      yield { code: 'arp-off', ...about, expected: 'ARP', observed: link.flags.join(',') }
    } else {
      const other = isRead(link) ? undefined : facts.links.find(isReadTun)
      if (other === undefined) return
      const data = { link: name, other: other.name }
      yield { code: 'unread', ...about, data, expected: 'LOWER_UP', observed: link.flags.join(',') }
    }
  },
})
