// Without -public-ip the lease carries the address of the external link at flanneld's start (`main.go`,
// "Defaulting external address to interface address"). flanneld never reads it again: when the address
// changes, peers go on sending to the old one until flanneld is restarted. With -public-ip the address
// may belong to a NAT in front of the host.

import { defineHostCheck } from '../define.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { formatAddress, formatPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'underlay/public-ip',
  title: "Public IP of the host's lease",
  backends: 'any',
  needs: ['addresses', 'flanneld', 'leases', 'config', 'etcd'],
  needsExpected: true,
  findings: {
    'not-on-host': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the lease {subnet} of {host} has public IP {expected}, which is no address of {host} (it has {observed}): peers send to the wrong place',
      fix: 'Restart flanneld on {host} so that it registers its present address, then Docker if FLANNEL_SUBNET changed; give the host a fixed address.',
      heal: [RESTART_FLANNELD],
      explains: [
        { code: 'tunnel/local-address:*', when: 'same-host' },
        { code: 'tunnel/socket:not-listening', when: 'same-host' },
        { code: 'underlay/peer-on-link:not-on-link', when: 'same-host' },
        // With the address its routes go: those to peers (host-gw) and the one to the underlay.
        { code: 'route/peer-subnet:*', when: 'same-host' },
        { code: 'lease/peer:*', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts: { addresses, flanneld, etcd }, expected }) {
    const { publicIp, subnet } = expected.lease
    if (addresses.some(({ prefix }) => prefix?.address === publicIp)) return
    const process = flanneldFor(flanneld, etcd.prefix)
    const address = formatAddress(publicIp)
    if (process === undefined) {
      return yield {
        unsure: `${address} is no address of this host, and flanneld does not run to say whether it is meant to be`,
      }
    }
    if (flanneldOptions(process).publicIp !== undefined) return
    const own = addresses.filter(({ family, scope }) => family === 'inet' && scope === 'global')
    const external = own.filter(({ link }) => link === expected.externalLink?.name)
    const observed = (external.length > 0 ? external : own).map((one) => one.address).join(', ') || 'none'
    yield {
      code: 'not-on-host',
      object: named('public IP', address),
      expected: address,
      observed,
      data: { subnet: formatPrefix(subnet) },
    }
  },
})
