// `local` is the source of the encapsulated packets: the interface address up to v0.27.3, the public
// IP since v0.27.4 (pkg/backend/vxlan/vxlan.go, createVXLANDevice). The kernel sends nothing
// from an address that the host does not have (Linux net/ipv4/route.c, ip_route_output_key): the
// link then counts transmit and carrier errors.

import { defineHostCheck } from '../define.ts'
import { flannelLink, withVxlan } from '../expected/flannel-link.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { leasePrefix } from '../expected/observed-host.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

/** Where flanneld was told its public IP, it takes the same address again at every start. */
function toldPublicIp(snapshot: ClusterSnapshot, host: HostName): string | undefined {
  const flanneld = snapshot.hosts.get(host)?.facts.flanneld
  const process = flanneld?.known ? flanneldFor(flanneld.value, leasePrefix(snapshot)) : undefined
  return process && flanneldOptions(process).publicIp
}

const TOLD = {
  heal: [],
  fix: 'Restarting alone changes nothing: flanneld of {host} was given -public-ip={observed}. Where peers reach {host} by an address of its own, start it without the option; behind NAT that lets this source pass, add {observed}/32 to lo.',
} as const

export const check = defineHostCheck({
  id: 'tunnel/local-address',
  title: 'Source address of the VTEP',
  backends: ['vxlan'],
  needs: ['links', 'addresses'],
  needsExpected: true,
  findings: {
    wrong: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'likely',
      says: '{link} on {host} sends from {observed}, flannel would use {expected}: peers and firewalls between may refuse that source',
      fix: 'Restart flanneld on {host}; it replaces a link with another local address. Give --iface if it chooses the wrong link.',
      heal: [RESTART_FLANNELD],
    },
    'not-on-host': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{link} on {host} sends from {observed}, an address that no link of {host} has: the kernel sends nothing',
      fix: 'If the address of the host changed, restart flanneld. Behind NAT with flannel v0.27.4 or later, drop --public-ip or add {observed}/32 to lo.',
      heal: [RESTART_FLANNELD],
      // Registered with another public IP than before, a host gets another subnet.
      explains: [{ code: 'bridge/address:wrong-subnet', when: 'same-host' }],
    },
  },
  *evaluate({ host, facts, expected, cluster: { snapshot } }) {
    if (!expected.link?.vxlan) return
    const { name, vxlan } = expected.link
    const link = withVxlan(flannelLink(facts.links, name))
    if ('unsure' in link) return yield link
    const { local } = link.vxlan
    // A link without `local` takes the address of the route to the peer, which works.
    if (local === undefined) return
    const draft = { object: named('link', name), observed: local, data: { link: name } }
    const owner = facts.addresses.find(({ address }) => address === local)?.link
    if (owner === undefined) {
      const told = toldPublicIp(snapshot, host) === local ? TOLD : undefined
      yield { code: 'not-on-host', ...draft, expected: 'an address of the host', ...told }
    } else if (!vxlan.local.includes(local) && owner !== vxlan.underlay) {
      yield { code: 'wrong', ...draft, expected: vxlan.local.join(' or ') }
    }
  },
})
