/**
 * Peers whose IPv6 packets stand for those of all: one of each span of addresses between two that the rules of a host name, and those
 * of whose subnet they name a part.
 */
import type { Peer } from '../../expected/expected.ts'
import { knownValue } from '../../expected/observed-host.ts'
import { ipv6Number, parseIpv6Prefix } from '../../model/ipv6.ts'
import type { Iptables } from '../../model/netfilter.ts'
import type { HostSnapshot } from '../../model/snapshot.ts'
import { oneOfEachSpan, placeFrom, type Sorted, sorted } from './spans.ts'

/** Peers that are walked of one host at most: kube-proxy names addresses of every peer. */
const MOST_PEERS = 64

/** `a`, `a/length`, `a-b`, and of nft's JSON prefixes and ranges. */
const WRITTEN = /(?<![\da-f:])([\da-f]*:[\da-f:]*:[\da-f]*)(?:(?:\/|","len":)(\d{1,3}))?(?![\da-f:])/gi

/** First addresses of what a text names, and of what is behind it. */
function* cutsIn(text: string): Iterable<bigint> {
  for (const [, address = '', length = '128'] of text.matchAll(WRITTEN)) {
    const network = parseIpv6Prefix(`${address}/${length}`)?.network
    const first = network === undefined ? undefined : ipv6Number(network)
    if (first === undefined) continue
    yield first
    yield first + (1n << BigInt(128 - Number(length)))
  }
}

function* textsOf(saved: Iptables | undefined): Iterable<string> {
  for (const { text } of saved?.rules ?? []) yield text
}

/** Everything that the packet filters of a host name by address. */
function* textsOn({ facts }: HostSnapshot): Iterable<string> {
  yield* textsOf(knownValue(facts.ip6tables))
  yield* textsOf(knownValue(facts.ip6tablesLegacy))
  const { rules = [], sets = [] } = knownValue(facts.nftables) ?? {}
  for (const { expressions } of rules) yield JSON.stringify(expressions)
  for (const { elements } of sets) yield JSON.stringify(elements)
  for (const { members } of knownValue(facts.ipsets)?.values() ?? [])
    for (const { parts } of members) yield* parts
}

/** A peer by the numbers of its IPv6 addresses. */
interface Numbered {
  readonly peer: Peer
  readonly subnet: bigint
  readonly last: bigint
  readonly publicIp: bigint
}

function numbered(peer: Peer): readonly Numbered[] {
  const { subnet, publicIp = '::' } = peer.lease.ipv6 ?? {}
  const first = subnet && ipv6Number(subnet.network)
  if (subnet === undefined || first === undefined) return []
  const last = first + (1n << BigInt(128 - subnet.length)) - 1n
  return [{ peer, subnet: first, last, publicIp: ipv6Number(publicIp) ?? 0n }]
}

function* cutThrough(order: Sorted<Numbered, bigint>, cuts: Iterable<bigint>): Iterable<Numbered> {
  for (const cut of cuts) {
    const before = order.items[placeFrom(order, cut) - 1]
    if (before !== undefined && cut <= before.last) yield before
  }
}

/** The peers to walk with, the nearest in their order first; own addresses tell nobody apart. */
export function ipv6PeersToldApart(peers: readonly Peer[], host: HostSnapshot): readonly Peer[] {
  const known = peers.flatMap(numbered)
  const cuts = new Set([...textsOn(host)].flatMap((text) => [...cutsIn(text)]))
  const bySubnet = sorted(known, ({ subnet }) => subnet)
  const taken = new Set(cutThrough(bySubnet, cuts))
  for (const order of [bySubnet, sorted(known, ({ publicIp }) => publicIp)])
    for (const one of oneOfEachSpan(order, { cuts, taken: [...taken] })) taken.add(one)
  return [...taken].slice(0, MOST_PEERS).map(({ peer }) => peer)
}
