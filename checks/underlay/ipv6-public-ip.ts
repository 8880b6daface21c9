// With EnableIPv6 the lease carries an IPv6 address of the external link as well (main.go; pkg/ipmatch/match.go), which the VTEP of
// IPv6 sends from and peers send to: as PublicIPv6 in etcd, as the annotation public-ipv6 of a node. flanneld never reads it again.
// With -public-ipv6 the address may belong to a NAT in front of the host.

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { lengthOnLink } from '../expected/ipv6-ends.ts'
import { leasePrefix } from '../expected/observed-host.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { printedIpv6, printedIpv6Network } from '../model/ipv6.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'

/** The length is that of a peer on the same link. */
const GIVEN_BACK = run(
  'ip -6 addr add {expected}/{length} dev {link}',
  '{link} has the address of the lease again',
  'ip -6 addr del {expected}/{length} dev {link}',
)

/** Another address is registered by a restart; without any flanneld does not start. */
function draftOf(
  publicIp: string,
  own: readonly LinkAddress[],
  data: { readonly subnet: string; readonly length: number; readonly link: string },
): Draft<'not-on-host'> {
  const others = own.filter(({ scope, link }) => scope === 'global' && link === data.link)
  const isKnown = data.link !== '' && data.length > 0
  return {
    code: 'not-on-host',
    object: named('public IP', publicIp),
    expected: publicIp,
    observed: others.map(({ address }) => address).join(', ') || 'none',
    data,
    heal: others.length > 0 ? [RESTART_FLANNELD] : isKnown ? [GIVEN_BACK] : [],
  }
}

export const check = defineHostCheck({
  id: 'underlay/ipv6-public-ip',
  title: "Public IPv6 address of the host's lease",
  backends: ['vxlan', 'host-gw'],
  needs: ['addresses', 'flanneld'],
  needsExpected: true,
  findings: {
    'not-on-host': {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: 'the lease {subnet} of {host} has public IPv6 address {expected}, which is no address of {host} (it has {observed}): its tunnel cannot send, and what peers send arrives nowhere',
      fix: 'Give {host} the address back, or restart flanneld so that it registers another one of its external link; it does not start without any. Find what took it (a router that no longer announces the prefix, a network service).',
      explains: [{ code: 'route/ipv6-peer-subnet:*', when: 'same-host' }],
    },
  },
  *evaluate({ facts, expected, cluster }): Generator<Draft<'not-on-host'> | Unsure> {
    const publicIp = expected.lease.ipv6?.publicIp
    if (expected.ipv6 === undefined || publicIp === undefined) return
    const own = facts.addresses.filter(({ family }) => family === 'inet6')
    if (own.some(({ address }) => printedIpv6(address) === publicIp)) return
    const process = flanneldFor(facts.flanneld, leasePrefix(cluster.snapshot))
    if (process === undefined)
      yield {
        unsure: `${publicIp} is no address of this host, and flanneld does not run to say whether it is meant to be`,
      }
    else if (flanneldOptions(process).publicIpv6 === undefined)
      yield draftOf(publicIp, own, {
        subnet: printedIpv6Network(expected.ipv6.subnet),
        length: lengthOnLink(publicIp, expected.ipv6, cluster.snapshot) ?? 0,
        link: expected.externalLink?.name ?? '',
      })
  },
})
