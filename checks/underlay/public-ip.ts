// Without -public-ip the lease carries the address of the external link at flanneld's start (`main.go`,
// "Defaulting external address to interface address"). flanneld never reads it again: when the address
// changes, peers go on sending to the old one until flanneld is restarted. With -public-ip the address
// may belong to a NAT in front of the host.

import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { flanneldFor } from '../expected/flanneld-options.ts'
import { leaseIndex } from '../expected/lease-index.ts'
import { leasePrefix } from '../expected/observed-host.ts'
import { RESTART_DOCKER, RESTART_FLANNELD, run } from '../heal/steps.ts'
import { containsAddress, formatAddress, formatPrefix } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, DatastoreFacts, HostFacts } from '../model/snapshot.ts'
import { isAlone, MACHINE_NAT, otherLink } from './machine-nat.ts'
import { isMeant, ofNobody } from './told-public-ip.ts'

/** The public IP of a peer on this host, where the peer has it as well: one of the two has it by mistake. */
function* taken(
  { addresses, leases }: Pick<HostFacts & DatastoreFacts, 'addresses' | 'leases'>,
  { peers, lease }: ExpectedHost,
  { hosts }: ClusterSnapshot,
) {
  const { byPublicIp } = leaseIndex(leases)
  const held = new Set(
    addresses.flatMap(({ prefix }) => (prefix && byPublicIp.has(prefix.address) ? [prefix.address] : [])),
  )
  held.delete(lease.publicIp)
  if (held.size === 0) return
  for (const peer of peers.filter((one) => held.has(one.lease.publicIp))) {
    const { publicIp } = peer.lease
    const own = addresses.find(({ prefix }) => prefix?.address === publicIp)
    if (own === undefined) continue
    const theirs = hosts.get(peer.name)?.facts.addresses
    if (!theirs?.known || !theirs.value.some(({ prefix }) => prefix?.address === publicIp)) continue
    const { address, length, link } = own
    yield {
      code: 'taken' as const,
      peer: peer.name,
      object: named('address', address),
      expected: `${address} on ${peer.name} alone`,
      observed: `${address}/${length}`,
      data: { address, link },
    }
  }
}

/** Every peer is a neighbour by one link, and the public IP is of another: whoever chose it meant the first. */
function* byOtherLink(addresses: readonly LinkAddress[], { peers, lease }: ExpectedHost) {
  const own = addresses.find(({ prefix }) => prefix?.address === lease.publicIp)
  const first = peers[0]?.lease.publicIp
  if (own === undefined || first === undefined) return
  const near = addresses.filter(({ prefix }) => prefix !== undefined && containsAddress(prefix, first))
  const [one, ...more] = new Set(near.map(({ link }) => link))
  if (one === undefined || more.length > 0 || one === own.link) return
  const reached = (publicIp: number) =>
    near.some(({ prefix }) => prefix !== undefined && containsAddress(prefix, publicIp))
  if (!peers.every((peer) => reached(peer.lease.publicIp))) return
  yield {
    code: 'other-link' as const,
    object: named('public IP', own.address),
    expected: `an address of ${one}`,
    observed: `${own.address} of ${own.link}`,
    data: { link: own.link, other: one },
  }
}

export const check = defineHostCheck({
  id: 'underlay/public-ip',
  title: "Public IP of the host's lease",
  backends: 'any',
  needs: ['addresses', 'flanneld', 'leases', 'config'],
  needsExpected: true,
  findings: {
    'machine-nat': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'the lease {subnet} of {host} has public IP {expected}, the NAT address that VirtualBox and QEMU give to every machine: peers that send to it reach themselves',
      fix: 'Start flanneld on every host with -iface set to the link the machines reach each other by (with Vagrant mostly eth1 or enp0s8), then restart Docker.',
      heal: [{ on: 'host', restart: 'flanneld', options: ['-iface={other}'] }, RESTART_DOCKER],
      explains: [
        { code: 'lease/public-ip:*', when: 'anywhere' },
        { code: 'lease/vtep-mac:*', when: 'anywhere' },
        { code: 'link/mac:*', when: 'same-host' },
        { code: 'lease/own:*', when: 'anywhere' },
        { code: 'lease/peer:*', when: 'anywhere' },
        { code: 'fdb/peer-vtep:*', when: 'anywhere' },
      ],
    },
    taken: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has {observed}, the public IP of {peer}, on {link}: what it sends there stays on {host}, and both answer for it on the underlay',
      fix: 'Take the address from {host} (and from whatever configures it), then forget who answered: `ip neigh flush to {address}` on the other hosts.',
      heal: [
        run(
          'ip addr del {observed} dev {link}',
          '{peer} alone has its address',
          'ip addr add {observed} dev {link}',
        ),
      ],
      explains: [
        { code: 'underlay/peer-mac:other-machine', when: 'involves-either' },
        { code: 'path/*', when: 'involves-either' },
        { code: 'dataplane/*', when: 'involves-either' },
      ],
    },
    'other-link': {
      severity: 'warning',
      confidence: 'likely',
      says: 'the public IP of {host} is {observed}, while every peer is a neighbour on {other}: flanneld was led to the wrong link, and peers reach it only where a router knows that network',
      fix: 'Start flanneld on {host} with -iface={other} (its -iface, -iface-regex or -iface-can-reach, or the default route, names {link}); then restart Docker, as the lease is another one.',
      heal: [{ on: 'host', restart: 'flanneld', options: ['-iface={other}'] }, RESTART_DOCKER],
      explains: [
        { code: 'bridge/address:wrong-subnet', when: 'same-host' },
        { code: 'dataplane/*', when: 'involves-host' },
      ],
    },
    'of-nobody': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'flanneld on {host} was told public IP {observed}, an address in the network of {link} that neither {host} nor any machine known here has: peers send to nobody',
      fix: 'Start flanneld on {host} without -public-ip (FLANNELD_PUBLIC_IP; on a node, its overwrite), or with {expected}; where it is a virtual address, give it to {host} before flanneld starts.',
      heal: [{ on: 'host', restart: 'flanneld', options: ['-public-ip={expected}'] }, RESTART_DOCKER],
      explains: [
        { code: 'tunnel/local-address:*', when: 'same-host' },
        { code: 'bridge/address:wrong-subnet', when: 'same-host' },
        // With another public IP the host takes another lease and leaves its own behind.
        { code: 'lease/host:former', when: 'anywhere' },
      ],
    },
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
  *evaluate({ facts, expected, cluster }) {
    const { addresses, flanneld } = facts
    const { publicIp, subnet } = expected.lease
    yield* taken(facts, expected, cluster.snapshot)
    if (publicIp === MACHINE_NAT && isAlone(expected)) {
      const place = { object: `public IP ${formatAddress(publicIp)}`, expected: formatAddress(publicIp) }
      const other = otherLink(addresses)
      const data = { subnet: formatPrefix(subnet), ...present({ other }) }
      return yield { code: 'machine-nat', ...place, data }
    }
    if (addresses.some(({ prefix }) => prefix?.address === publicIp))
      return yield* byOtherLink(addresses, expected)
    const process = flanneldFor(flanneld, leasePrefix(cluster.snapshot))
    const address = formatAddress(publicIp)
    if (process === undefined) {
      return yield {
        unsure: `${address} is no address of this host, and flanneld does not run to say whether it is meant to be`,
      }
    }
    if (isMeant(process, expected)) return yield* ofNobody(expected, addresses, cluster.snapshot)
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
