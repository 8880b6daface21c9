/**
 * Only the leased subnet is routed to a host (flannel `pkg/backend/vxlan/vxlan_network.go`,
 * `handleSubnetEvents`; `pkg/backend/route_network.go`), so a container of the bridge must have
 * its address in it. No address may be given out twice: subnets do not overlap, so two holders
 * mean a static address, a lost address pool, or two hosts with one subnet.
 */

import type { Evidence } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { subnetBridge } from '../expected/bridge-link.ts'
import {
  type Attachment,
  attachedTo,
  attachments,
  namespaceOf,
  unseenBehind,
} from '../expected/bridge-port.ts'
import { type Addressing, anotherAddress } from '../heal/container-address.ts'
import { run } from '../heal/steps.ts'
import { containsAddress, formatPrefix, maskPrefix, type Prefix } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { Source } from '../model/snapshot.ts'

interface Held {
  readonly host: string
  readonly place: Addressing | undefined
  readonly address: string
  readonly attachment: Attachment
  /** Where its host's containers were read. */
  readonly source: Source
}

/** One container found twice is not two containers. */
function isSame(a: Held, b: Held): boolean {
  const isSamePlace = a.host === b.host && a.attachment.port.index === b.attachment.port.index
  return (
    isSamePlace || (a.attachment.link.mac !== undefined && a.attachment.link.mac === b.attachment.link.mac)
  )
}

export const check = defineClusterCheck({
  id: 'bridge/container-address',
  title: 'Addresses of containers',
  backends: 'any',
  needs: ['links', 'addresses', 'containers', 'docker'],
  findings: {
    'outside-subnet': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'container {container} on {host} has {observed}, outside the subnet {expected} of the host: peers cannot reach it',
      fix: 'Create the container again, after the bridge has an address of {expected}; where it has one of these besides, take away the other.',
    },
    'too-wide': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'container {container} on {host} has {observed}, which takes more than the subnet {expected} of the host for neighbours: it asks for peers on the bridge, where nobody answers',
      fix: 'Create the container again with the length of the subnet, or give it the address with that length in its namespace.',
      heal: [
        run('nsenter --net={namespace} ip addr add {right} brd + dev {inner}', 'peers are no neighbours'),
        run('nsenter --net={namespace} ip addr del {observed} dev {inner}', 'the wider route is gone'),
      ],
    },
    duplicate: {
      severity: 'critical',
      effect: 'loss',
      // Whoever of the two answers, the other one is not reached.
      unseenByPings: true,
      confidence: 'certain',
      says: 'address {address} is held by container {container} on {host} and by container {other} on {otherHost}',
      fix: 'Create one of the two containers again; on different hosts, first find out why both have the same subnet.',
    },
  },
  *evaluate({ hosts }) {
    const holders = new Map<string, Held>()
    for (const [host, { facts, expected, sources }] of hosts) {
      if (facts.containers.length === 0) continue
      if (expected === undefined) {
        yield { unsure: `what subnet ${host} should have is unknown` }
        continue
      }
      const { links, addresses, docker, containers } = facts
      const { network } = expected.config
      const subnet = maskPrefix(expected.lease.subnet)
      const bridge = subnetBridge({ links, addresses, docker, subnet })
      const unseen = bridge && unseenBehind(bridge, { links, containers })
      if (unseen !== undefined) yield { unsure: `${host}: ${unseen}` }
      const attached = bridge ? attachedTo(bridge, attachments(links, containers)) : []
      const place = bridge && { bridge, subnet, links, addresses, containers, docker }
      yield* attached.flatMap((attachment) => outside({ host, attachment, place }, { subnet, network }))
      yield* attached.flatMap((attachment) => tooWide({ host, attachment }, subnet))
      // Any other network of Docker may have the same subnet on every host: nothing carries its addresses away.
      yield* attached.flatMap((attachment) =>
        duplicates(holders, {
          ...{ host, place, source: sources.containers },
          attachment: { ...attachment, addresses: carriedBy(network, attachment.addresses) },
        }),
      )
    }
  },
})

interface Ranges {
  readonly subnet: Prefix
  readonly network: Prefix
}

/** All addresses where none is in the subnet; otherwise those that make neighbours of other hosts' containers. */
function strayAddresses(addresses: readonly LinkAddress[], { subnet, network }: Ranges) {
  const isInside = ({ prefix }: LinkAddress) => prefix && containsAddress(subnet, prefix.address)
  if (!addresses.some(isInside)) return addresses
  return carriedBy(network, addresses).filter((one) => !isInside(one) && one.length < 32)
}

function outside({ host, attachment, place }: Omit<Held, 'address' | 'source'>, ranges: Ranges) {
  const { container } = attachment
  const addresses = strayAddresses(attachment.addresses, ranges)
  if (addresses.length === 0) return []
  const { heal, data } = place ? anotherAddress(attachment, addresses, place) : { heal: [], data: {} }
  return {
    code: 'outside-subnet' as const,
    host,
    heal,
    object: named('container', container.name),
    expected: formatPrefix(ranges.subnet),
    observed: addresses.map(({ address }) => address).join(', '),
    data: { ...data, container: container.name },
  }
}

/** An address of the subnet whose length makes neighbours of other hosts' containers as well. */
function tooWide({ host, attachment }: Pick<Held, 'host' | 'attachment'>, subnet: Prefix) {
  const { container, addresses, link } = attachment
  return addresses.flatMap(({ address, prefix }) => {
    if (prefix === undefined || prefix.length >= subnet.length || !containsAddress(subnet, prefix.address))
      return []
    return {
      code: 'too-wide' as const,
      host,
      object: named('container', container.name),
      expected: formatPrefix(subnet),
      observed: formatPrefix(prefix),
      data: {
        container: container.name,
        right: `${address}/${subnet.length}`,
        inner: link.name,
        ...namespaceOf(container),
      },
    }
  })
}

/** The addresses that the overlay carries. */
function carriedBy(network: Prefix, addresses: readonly LinkAddress[]): readonly LinkAddress[] {
  return addresses.filter(({ prefix }) => prefix && containsAddress(network, prefix.address))
}

/** Notes the holder of each address and gives the ones that were held before. */
function duplicates(holders: Map<string, Held>, holder: Omit<Held, 'address'>) {
  return holder.attachment.addresses.flatMap(({ address }) => {
    const held = { ...holder, address }
    const earlier = holders.get(address)
    if (earlier === undefined) holders.set(address, held)
    return earlier === undefined || isSame(earlier, held) ? [] : [duplicate(earlier, held)]
  })
}

/** The address as the container's own network shows it. */
function shown({ address, attachment: { container }, source }: Held): Evidence {
  const { namespace } = namespaceOf(container)
  const command = namespace === undefined ? source.command : `nsenter --net=${namespace} ip -j -d addr show`
  return { source: { ...source, command }, excerpt: `"local":"${address}"` }
}

function duplicate(earlier: Held, held: Held) {
  const { host, address, attachment, place } = held
  const wrong = attachment.addresses.filter((one) => one.address === address)
  const { heal, data } = place ? anotherAddress(attachment, wrong, place) : { heal: [], data: {} }
  return {
    code: 'duplicate' as const,
    host,
    ...(earlier.host !== host && { peer: earlier.host }),
    object: named('address', address),
    evidence: [earlier, held].map(shown),
    heal,
    data: {
      ...data,
      address,
      container: attachment.container.name,
      other: earlier.attachment.container.name,
      otherHost: earlier.host,
    },
  }
}
