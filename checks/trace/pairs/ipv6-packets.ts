/** The IPv6 packets of a host that stand for those of all, and where its filters end one. */
import type { ExpectedHost } from '../../expected/expected.ts'
import type { ExpectedIpv6 } from '../../expected/ipv6.ts'
import { bridgeAddress, ipv6Bridge } from '../../expected/ipv6-ends.ts'
import { printedIpv6, solicitedNode } from '../../model/ipv6.ts'
import type { Ipv6Lease } from '../../model/lease.ts'
import type { LinkAddress } from '../../model/link.ts'
import type { HostFacts } from '../../model/snapshot.ts'
import type { HostFilters } from '../filter/host-filters.ts'
import type { Mark, Packet } from '../filter/packet.ts'
import type { IpHook } from '../filter/rule.ts'
import { type Verdict, verdictAt } from '../filter/verdict.ts'

/** A packet with the hooks that it meets. */
export interface SentIpv6 {
  /** Between overlay and bridge; the tunnel itself; who asks for MACs and answers; what tells a sender to send less at once. */
  readonly as: 'forward' | 'tunnel' | 'neighbours' | 'too-big'
  /** Set where not every network needs it to pass. */
  readonly isSpared?: true
  readonly hooks: readonly IpHook[]
  readonly packet: Packet
}

type Expected = ExpectedHost & { readonly ipv6: ExpectedIpv6 }

/** An echo request of IPv6, the first of its connection, unless `more` says otherwise. */
export function ipv6Packet(source: string, destination: string, more: Partial<Packet>): Packet {
  const ends = { source: printedIpv6(source) ?? source, destination: printedIpv6(destination) ?? destination }
  const base = {
    source: 0,
    destination: 0,
    ipv6: ends,
    state: 'NEW',
    localAddresses: new Set<number>(),
  } as const
  return { ...base, protocol: 'icmpv6', icmpType: 128, ...more }
}

const FORWARDED = ['prerouting', 'forward', 'postrouting'] as const

/** Packets of containers between the overlay and their bridge, both ways. */
function forwarded(
  { ipv6, externalLink }: Expected,
  addresses: readonly LinkAddress[],
  others: readonly string[],
): readonly SentIpv6[] {
  const bridge = ipv6Bridge(addresses, ipv6)
  const outer = ipv6.link?.name ?? externalLink?.name
  if (bridge === undefined || outer === undefined) return []
  const own = ipv6.subnet.network
  const common = { as: 'forward', hooks: FORWARDED } as const
  return others.flatMap((other): readonly SentIpv6[] => [
    { ...common, packet: ipv6Packet(other, own, { inLink: outer, outLink: bridge }) },
    { ...common, packet: ipv6Packet(own, other, { inLink: bridge, outLink: outer }) },
  ])
}

/** Packets of the tunnel as they come from peers, and as they leave. */
function tunnelled(
  { ipv6, lease, externalLink, udpPort: port }: Expected,
  others: readonly string[],
): readonly SentIpv6[] {
  const own = lease.ipv6?.publicIp
  const link = externalLink?.name
  if (own === undefined || link === undefined || port === undefined || ipv6.fdb.length === 0) return []
  const udp = { protocol: 'udp', destinationPort: port, sourcePort: 50_001 } as const
  const as = 'tunnel'
  return others.flatMap((other): readonly SentIpv6[] => [
    { as, hooks: ['prerouting', 'input'], packet: ipv6Packet(other, own, { ...udp, inLink: link }) },
    { as, hooks: ['output', 'postrouting'], packet: ipv6Packet(own, other, { ...udp, outLink: link }) },
  ])
}

/**
 * Neighbour discovery by a link (RFC 4861, types 135 and 136), both ways: IPv6 has no ARP that passes beside the filters. Connection
 * tracking leaves it alone (Linux `net/netfilter/nf_conntrack_proto_icmpv6.c`, `nf_conntrack_icmpv6_error`).
 */
function discovery(link: string, own: string, other: string): readonly SentIpv6[] {
  const kind = (icmpType: 135 | 136) => ({ icmpType, state: 'UNTRACKED', ttl: 255 }) as const
  const comes = { as: 'neighbours', hooks: ['prerouting', 'input'] } as const
  const leaves = { as: 'neighbours', hooks: ['output', 'postrouting'] } as const
  const [by, over] = [{ inLink: link }, { outLink: link }]
  return [
    { ...comes, packet: ipv6Packet(other, solicitedNode(own) ?? own, { ...kind(135), ...by }) },
    { ...comes, packet: ipv6Packet(other, own, { ...kind(136), ...by }) },
    { ...leaves, packet: ipv6Packet(own, solicitedNode(other) ?? other, { ...kind(135), ...over }) },
    { ...leaves, packet: ipv6Packet(own, other, { ...kind(136), ...over }) },
  ]
}

/** Neighbour discovery with containers by the bridge, and with peers by the external link. */
function neighbours(
  { ipv6, lease, externalLink }: Expected,
  addresses: readonly LinkAddress[],
  others: readonly string[],
): readonly SentIpv6[] {
  const bridge = ipv6Bridge(addresses, ipv6)
  const { publicIp } = lease.ipv6 ?? {}
  const inside =
    bridge === undefined ? [] : discovery(bridge, bridgeAddress(ipv6.subnet), ipv6.subnet.network)
  if (publicIp === undefined || externalLink === undefined) return inside
  return [...inside, ...others.flatMap((other) => discovery(externalLink.name, publicIp, other))]
}

/**
 * "Packet too big" (RFC 4443, type 2), without which a sender never learns of a smaller link, as no router divides an IPv6 packet: of
 * the host to a container whose MTU is more than its VTEP carries, and of peers.
 */
function tooBig(
  { ipv6, externalLink, subnetEnv }: Expected,
  { addresses, links }: Pick<HostFacts, 'addresses' | 'links'>,
  others: readonly string[],
): readonly SentIpv6[] {
  const bridge = ipv6Bridge(addresses, ipv6)
  const outer = ipv6.link?.name ?? externalLink?.name
  if (bridge === undefined || outer === undefined) return []
  const own = ipv6.subnet.network
  const least = links.find(({ name }) => name === outer)?.mtu
  const isNeeded = least !== undefined && (subnetEnv.mtu ?? 0) > least
  const common = { as: 'too-big', ...(!isNeeded && { isSpared: true as const }) } as const
  const kind = { icmpType: 2, state: 'RELATED', outLink: bridge } as const
  return [
    {
      ...common,
      hooks: ['output', 'postrouting'],
      packet: ipv6Packet(bridgeAddress(ipv6.subnet), own, kind),
    },
    ...others.map((other): SentIpv6 => {
      const packet = ipv6Packet(other, own, { ...kind, inLink: outer })
      return { as: 'too-big', isSpared: true, hooks: FORWARDED, packet }
    }),
  ]
}

/** Those to and from the peers with these leases; of containers where the bridge has an IPv6 address. */
export function ipv6Packets(
  expected: Expected,
  facts: Pick<HostFacts, 'addresses' | 'links'>,
  leases: readonly Ipv6Lease[],
): readonly SentIpv6[] {
  const { addresses } = facts
  const subnets = leases.map(({ subnet }) => subnet.network)
  const publicIps = leases.flatMap(({ publicIp }) => publicIp ?? [])
  return [
    ...forwarded(expected, addresses, subnets),
    ...tunnelled(expected, publicIps),
    ...neighbours(expected, addresses, publicIps),
    ...tooBig(expected, facts, subnets),
  ]
}

/** What a hook is told of the links of a packet: before routing none that it leaves by is known. */
function at(hook: IpHook, { outLink, ...packet }: Packet): Packet {
  return hook === 'prerouting' || outLink === undefined ? packet : { ...packet, outLink }
}

/** The first verdict of the hooks that is none of passing, with a certain loss before a doubt; undefined where it passes. */
export function stoppedBy({ hooks, packet }: SentIpv6, { tables }: HostFilters): Verdict | undefined {
  let mark: Mark = 0
  let doubt: Verdict | undefined
  for (const hook of hooks) {
    const verdict = verdictAt(tables, hook, { packet: at(hook, packet), mark })
    mark = verdict.mark
    if (verdict.verdict === 'drop' || verdict.verdict === 'reject') return verdict
    if (verdict.verdict === 'unknown') doubt ??= verdict
  }
  return doubt
}
