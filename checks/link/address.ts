// flannel puts the first address of the lease on its link: /32 since v0.7.0 for vxlan and since
// v0.11.0 for udp, with the network's length before (pkg/ip/iface.go, EnsureV4AddressOnLink;
// pkg/backend/udp, configureIface). When the last address goes, the kernel drops every route and
// neighbour of the link (Linux net/ipv4/fib_frontend.c, fib_inetaddr_event).

import type { Explains } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { flannelLink } from '../expected/flannel-link.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { containsAddress, formatPrefix, samePrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

const LOST_WITH_ADDRESS: readonly Explains[] = [
  { code: 'lease/peer:*', when: 'same-host' },
  { code: 'route/peer-subnet:missing', when: 'same-host' },
  { code: 'route/peer-subnet:none', when: 'same-host' },
  { code: 'route/network:missing', when: 'same-host' },
  { code: 'route/reverse-path-filter:strict', when: 'same-host' },
  { code: 'neighbour/peer-vtep:missing', when: 'same-host' },
]

export const check = defineHostCheck({
  id: 'link/address',
  title: 'Address on the flannel link',
  backends: ['vxlan', 'udp'],
  needs: ['links', 'addresses'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{link} on {host} has no IPv4 address, {expected} should be there',
      fix: 'Restart flanneld on {host}; it sets the address and the routes that went with it.',
      heal: [RESTART_FLANNELD],
      explains: LOST_WITH_ADDRESS,
    },
    wrong: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{link} on {host} has {observed} instead of {expected}: traffic of the host itself carries a source that peers send elsewhere',
      fix: 'Look for a second flanneld on {host} (`pgrep -a flanneld`), then restart flanneld.',
      heal: [RESTART_FLANNELD],
      explains: LOST_WITH_ADDRESS,
    },
    extra: {
      severity: 'warning',
      confidence: 'certain',
      says: '{link} on {host} has {observed} beside {expected}: traffic of the host itself may carry a source that belongs to another host',
      fix: 'Remove it: `ip addr del {observed} dev {link}`.',
      heal: [
        run('ip addr del {observed} dev {link}', 'the address is gone', 'ip addr add {observed} dev {link}'),
      ],
    },
    foreign: {
      severity: 'info',
      confidence: 'certain',
      says: '{link} on {host} has {observed} beside {expected}, outside the network: a second flanneld or another program uses this link',
      fix: 'Find out who set it; flannel v0.9.0 to v0.13.0 does not start with a second address on its link.',
    },
  },
  *evaluate({ facts, expected }) {
    if (!expected.link) return
    const { name, address } = expected.link
    const link = flannelLink(facts.links, name)
    if ('unsure' in link) return yield link
    const observed = facts.addresses.flatMap((other) =>
      other.link === name && other.prefix ? [other.prefix] : [],
    )
    const isOwn = (other: typeof address) => other.address === address.address && samePrefix(other, address)
    const others = observed.filter((other) => !isOwn(other))
    const about = { expected: formatPrefix(address), data: { link: name } }
    if (observed.length === 0) {
      yield {
        code: 'missing',
        ...about,
        object: named('address', about.expected),
        observed: 'no IPv4 address',
      }
    } else if (others.length === observed.length) {
      const text = others.map(formatPrefix).join(', ')
      yield { code: 'wrong', ...about, object: named('address', about.expected), observed: text }
    } else {
      for (const other of others) {
        const code = containsAddress(expected.config.network, other.address) ? 'extra' : 'foreign'
        const text = formatPrefix(other)
        yield { code, ...about, object: named('address', text), observed: text }
      }
    }
  },
})
