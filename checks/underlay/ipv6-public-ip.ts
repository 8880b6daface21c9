// With EnableIPv6 the lease carries an IPv6 address of the external link as well (main.go; pkg/ipmatch/match.go), which the VTEP of
// IPv6 sends from and peers send to: as PublicIPv6 in etcd, as the annotation public-ipv6 of a node. flanneld never reads it again.
// With -public-ipv6 the address may belong to a NAT in front of the host.

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { leasePrefix } from '../expected/observed-host.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { printedIpv6, printedIpv6Network } from '../model/ipv6.ts'
import { named } from '../model/named.ts'

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
      explains: [
        { code: 'route/ipv6-peer-subnet:*', when: 'same-host' },
        { code: 'dataplane/ipv6-ping:lost', when: 'involves-host' },
      ],
    },
  },
  *evaluate({ facts, expected, cluster }): Generator<Draft<'not-on-host'> | Unsure> {
    const { ipv6 } = expected.lease
    const publicIp = ipv6?.publicIp
    if (expected.ipv6 === undefined || ipv6 === undefined || publicIp === undefined) return
    const own = facts.addresses.filter(({ family }) => family === 'inet6')
    if (own.some(({ address }) => printedIpv6(address) === publicIp)) return
    const process = flanneldFor(facts.flanneld, leasePrefix(cluster.snapshot))
    if (process === undefined)
      return yield {
        unsure: `${publicIp} is no address of this host, and flanneld does not run to say whether it is meant to be`,
      }
    if (flanneldOptions(process).publicIpv6 !== undefined) return
    const others = own.filter(({ scope, link }) => scope === 'global' && link === expected.externalLink?.name)
    yield {
      code: 'not-on-host',
      object: named('public IP', publicIp),
      expected: publicIp,
      observed: others.map(({ address }) => address).join(', ') || 'none',
      data: { subnet: printedIpv6Network(ipv6.subnet) },
      ...(others.length > 0 && { heal: [RESTART_FLANNELD] }),
    }
  },
})
