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

export interface JourneyContext {
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

/** The link by which a peer's packets come and go; undefined when it is not known. */
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

/** Where the packets of one peer come and go. */
interface Way {
  readonly overlay: string | undefined
  readonly subnet: Prefix
  readonly peer?: Peer
}

/** A subnet of the network that is not the host's own and that no rule names: where the next peer may be. */
function spareSubnet({ config, lease }: ExpectedHost, named: readonly Prefix[]): Prefix | undefined {
  const { length } = lease.subnet
  const step = 2 ** (32 - length)
  const taken = [lease.subnet, ...named.filter((prefix) => prefix.length > config.network.length)]
  const isTaken = (subnet: Prefix): boolean =>
    taken.some((prefix) => containsPrefix(prefix, subnet) || containsPrefix(subnet, prefix))
  const first = networkAddress(config.network)
  // One more than the subnets that can be taken is enough.
  return Array.from({ length: taken.length * 2 + 2 }, (_, index) => ({
    address: first + index * step,
    length,
  })).find((subnet) => containsPrefix(config.network, subnet) && !isTaken(subnet))
}

/** A host without peers still has to forward for the first one that joins. */
function wayOfNextPeer(expected: ExpectedHost, named: readonly Prefix[]): readonly Way[] {
  const subnet = spareSubnet(expected, named)
  const overlay = expected.link?.name ?? expected.externalLink?.name
  return subnet === undefined ? [] : [{ overlay, subnet }]
}

/**
 * The packets that are forwarded between the container bridge and the peers, or on a host without
 * peers the one that may join. None on a host without a container bridge or whose underlay link is unknown.
 */
export function forwardJourneys(place: JourneyContext): readonly Journey[] {
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
  const ways = judgedPeers(expected, named).map(
    ({ peer, stands }): Way => ({
      overlay: peerLink(expected, peer),
      subnet: peer.lease.subnet,
      ...(!stands && { peer }),
    }),
  )
  return (ways.length > 0 ? ways : wayOfNextPeer(expected, named)).flatMap(({ overlay, subnet, peer }) => {
    if (overlay === undefined) return []
    const theirs = containerAddress(subnet, named)
    const journeys = journeysOf({ bridge: bridge.name, overlay, own, theirs }, facts.addresses)
    return peer === undefined ? journeys : journeys.map((journey) => ({ ...journey, peer }))
  })
}
