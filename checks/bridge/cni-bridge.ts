// The flannel CNI plugin makes cni0 from subnet.env and never changes its address (containernetworking plugins,
// `bridge`: "already has an IP address different from"). After a new lease, or when flannel serves Docker only, cni0
// keeps the subnet of a former cluster: its route stays, and a peer may have been given that subnet.

import { defineHostCheck } from '../define.ts'
import { run } from '../heal/steps.ts'
import { containsAddress, formatPrefix, maskPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

const BRIDGE = 'cni0'

export const check = defineHostCheck({
  id: 'bridge/cni-bridge',
  title: 'CNI bridge beside the container bridge',
  backends: 'any',
  needs: ['addresses'],
  needsExpected: true,
  findings: {
    'former-subnet': {
      severity: 'warning',
      confidence: 'certain',
      says: 'cni0 on {host} has {observed}, a subnet of the flannel network that is not leased to this host ({expected}): what it hides of a peer is unreachable from here',
      fix: 'If nothing uses it: `ip link del cni0` and remove /var/lib/cni/networks; with the flannel CNI plugin, drain the host first.',
      heal: [run('ip link del cni0', 'the bridge and its route are gone')],
      explains: [
        { code: 'route/network-overlap:overlapping', when: 'same-host' },
        { code: 'route/shadowed:shadowed', when: 'same-host' },
      ],
    },
    'foreign-subnet': {
      severity: 'info',
      confidence: 'certain',
      says: 'cni0 on {host} has {observed}, which is outside the flannel network: another cluster uses or used this host',
      fix: 'Nothing if Kubernetes runs here with a network of its own; otherwise `ip link del cni0`.',
    },
  },
  *evaluate({ facts: { addresses }, expected }) {
    const own = maskPrefix(expected.lease.subnet)
    const isServed = addresses.some(
      ({ link, prefix }) =>
        link !== BRIDGE && link !== expected.link?.name && prefix && containsAddress(own, prefix.address),
    )
    // Without another bridge cni0 is the container bridge, which has checks of its own.
    if (!isServed) return
    for (const { link, prefix } of addresses) {
      if (link !== BRIDGE || prefix === undefined || containsAddress(own, prefix.address)) continue
      const isInside = containsAddress(expected.config.network, prefix.address)
      const code = isInside ? 'former-subnet' : 'foreign-subnet'
      yield {
        code,
        object: named('link', 'cni0'),
        expected: formatPrefix(own),
        observed: formatPrefix(prefix),
      }
    }
  },
})
