/** The IPv6 packets of a host that stand for those of all, and where its filters end one. */
import type { ExpectedHost } from '../../expected/expected.ts'
import type { ExpectedIpv6 } from '../../expected/ipv6.ts'
import { ipv6Bridge } from '../../expected/ipv6-ends.ts'
import { printedIpv6 } from '../../model/ipv6.ts'
import type { Ipv6Lease } from '../../model/lease.ts'
import type { LinkAddress } from '../../model/link.ts'
import type { HostFilters } from '../filter/host-filters.ts'
import type { Mark, Packet } from '../filter/packet.ts'
import type { IpHook } from '../filter/rule.ts'
import { type Verdict, verdictAt } from '../filter/verdict.ts'

/** A packet with the hooks that it meets. */
export interface SentIpv6 {
  /** Between overlay and bridge, or the tunnel itself. */
  readonly as: 'forward' | 'tunnel'
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

/** Those to and from the peers with these leases; of containers where the bridge has an IPv6 address. */
export function ipv6Packets(
  expected: Expected,
  addresses: readonly LinkAddress[],
  leases: readonly Ipv6Lease[],
): readonly SentIpv6[] {
  const subnets = leases.map(({ subnet }) => subnet.network)
  const publicIps = leases.flatMap(({ publicIp }) => publicIp ?? [])
  return [...forwarded(expected, addresses, subnets), ...tunnelled(expected, publicIps)]
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
