/** The packets whose fate decides whether containers of a host can talk to those of its peers. */
import { subnetBridge } from '../../expected/bridge-link.ts'
import type { ExpectedHost, Peer } from '../../expected/expected.ts'
import {
  containsAddress,
  containsPrefix,
  maskPrefix,
  networkAddress,
  type Prefix,
  parsePrefix,
} from '../../model/address.ts'
import type { Link, LinkAddress } from '../../model/link.ts'
import type { HostSnapshot } from '../../model/snapshot.ts'
import type { HostFilters } from './host-filters.ts'
import type { Packet } from './packet.ts'

/** A packet with the words a person uses for its way. */
export interface Journey {
  readonly words: string
  readonly packet: Packet
  /** Set when the packet stands for this peer only, not for all of them. */
  readonly peer?: Peer
}

export interface JourneyPlace {
  readonly facts: { readonly links: readonly Link[]; readonly addresses: readonly LinkAddress[] }
  readonly expected: ExpectedHost
  readonly filters: HostFilters
  readonly host: HostSnapshot | undefined
}

/** Ports no rule should name: both ends are ephemeral (RFC 6056 range), so only rules for everything match. */
const ANY_PORTS = { protocol: 'tcp', sourcePort: 50_001, destinationPort: 50_002 } as const

/**
 * An address of the subnet that no rule names alone: it stands for any container. The
 * first address is the bridge's, so the search starts at the second.
 */
export function containerAddress(subnet: Prefix, named: readonly Prefix[]): number {
  const single = new Set(named.filter(({ length }) => length === 32).map(({ address }) => address))
  const first = (networkAddress(subnet) + 2) >>> 0
  for (let address = first; containsAddress(subnet, address); address += 1) {
    if (!single.has(address)) return address
  }
  return first
}

/** IPv4 addresses of the host as numbers. */
export function localAddresses(addresses: readonly LinkAddress[]): ReadonlySet<number> {
  return new Set(addresses.flatMap(({ prefix }) => (prefix ? [prefix.address] : [])))
}

const PREFIX_TEXT = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\d.])/g

/** Every IPv4 prefix that a rule of the host names: the only ones that can be treated apart. */
export function namedPrefixes({ tables }: HostFilters): readonly Prefix[] {
  const texts = new Set<string>()
  for (const table of tables)
    for (const chain of table.chains.values())
      for (const { text } of chain.rules) for (const [found] of text.matchAll(PREFIX_TEXT)) texts.add(found)
  return [...texts].flatMap((text) => parsePrefix(text) ?? [])
}

/** The link by which a peer's packets come and go; undefined when it cannot be told. */
export function peerLink(expected: ExpectedHost, peer: Peer): string | undefined {
  return peer.direct || expected.link === undefined ? expected.externalLink?.name : expected.link.name
}

/** One peer for each link, and every peer whose subnet a rule names. */
function judgedPeers(
  expected: ExpectedHost,
  prefixes: readonly Prefix[],
): readonly { peer: Peer; stands: boolean }[] {
  const named = prefixes.filter(({ length }) => length > expected.config.network.length)
  const seen = new Set<string | undefined>()
  return expected.peers.flatMap((peer) => {
    const link = peerLink(expected, peer)
    const stands = !seen.has(link)
    seen.add(link)
    const isNamed = named.some((prefix) => containsPrefix(prefix, peer.lease.subnet))
    return stands || isNamed ? [{ peer, stands: stands && !isNamed }] : []
  })
}

interface Ends {
  readonly bridge: string
  readonly overlay: string
  readonly own: number
  readonly theirs: number
}

function journeysOf(ends: Ends, addresses: readonly LinkAddress[]): Journey[] {
  const { own, theirs } = ends
  const shared = { ...ANY_PORTS, localAddresses: localAddresses(addresses) }
  const incoming = { ...shared, source: theirs, destination: own, inLink: ends.overlay, outLink: ends.bridge }
  const outgoing = { ...shared, source: own, destination: theirs, inLink: ends.bridge, outLink: ends.overlay }
  const into = `${ends.overlay} to ${ends.bridge}`
  const outOf = `${ends.bridge} to ${ends.overlay}`
  return [
    { words: `new from ${into}`, packet: { ...incoming, state: 'NEW' } },
    { words: `new from ${outOf}`, packet: { ...outgoing, state: 'NEW' } },
    { words: `replies from ${into}`, packet: { ...incoming, state: 'ESTABLISHED' } },
    { words: `replies from ${outOf}`, packet: { ...outgoing, state: 'ESTABLISHED' } },
  ]
}

/**
 * The packets that are forwarded between the container bridge and the peers. None on a host
 * without a container bridge, without peers, or whose underlay link is unknown.
 */
export function forwardJourneys(place: JourneyPlace): readonly Journey[] {
  const { facts, expected, host } = place
  const docker = host?.facts.docker
  const bridge = subnetBridge({
    ...facts,
    subnet: maskPrefix(expected.lease.subnet),
    ...(docker?.known && { docker: docker.value }),
  })
  if (bridge === undefined) return []
  const named = namedPrefixes(place.filters)
  const own = containerAddress(expected.lease.subnet, named)
  return judgedPeers(expected, named).flatMap(({ peer, stands }) => {
    const overlay = peerLink(expected, peer)
    if (overlay === undefined) return []
    const theirs = containerAddress(peer.lease.subnet, named)
    const journeys = journeysOf({ bridge: bridge.name, overlay, own, theirs }, facts.addresses)
    return stands ? journeys : journeys.map((journey) => ({ ...journey, peer }))
  })
}
