/**
 * What vxlan writes for peers: a route, a neighbour and an FDB entry each. It is the same on every host of a network,
 * unless DirectRouting leads some hosts past the tunnel. flannel `pkg/backend/vxlan/vxlan_network.go`,
 * `handleSubnetEvents`.
 */
import { formatAddress, maskPrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import { listOfHost } from '../model/list-but-one.ts'
import { networkNumber } from '../model/table-lookup.ts'
import { type BackendInput, type BackendState, othersOf, peerOf } from './backend.ts'
import type { ExpectedFdbEntry, ExpectedNeighbour, ExpectedRoute, Peer } from './expected.ts'
import { isConnected } from './route-lookup.ts'

/** A peer and what stands for it on a host. */
interface VxlanPeer {
  readonly peer: Peer
  readonly route: ExpectedRoute
  readonly neighbour: ExpectedNeighbour
  readonly fdb: ExpectedFdbEntry
}

/** What is expected for the peers of one host, and the leases for which nothing can be. */
export type PeerLists = Pick<BackendState, 'peers' | 'routes' | 'neighbours' | 'fdb'> & {
  readonly unusable: readonly Lease[]
}

let last: { readonly of: BackendInput; readonly lists: PeerLists } | undefined

/**
 * What is expected for the peers of a host, over the VTEP of that name. Those of a thousand hosts would be millions of
 * entries: of one host at a time they are kept.
 */
export function peerLists(name: string, input: BackendInput): PeerLists {
  // Where flannel may route to a peer directly, what stands for it differs from host to host.
  const make = input.config.directRouting ? ownLists : sharedLists
  if (last?.of !== input) last = { of: input, lists: make(name, input) }
  return last.lists
}

function listsOf(leases: readonly Lease[], name: string, input: BackendInput): PeerLists {
  const candidates = leases.filter(({ backendType }) => backendType === 'vxlan')
  const peers = candidates.flatMap((lease): readonly VxlanPeer[] => {
    const { vtepMac: mac } = lease
    if (mac === undefined) return []
    return [vxlanPeer(peerOf(lease, input, isDirect(lease, input)), { name, mac, input })]
  })
  const encapsulated = peers.filter(({ peer }) => !peer.direct)
  return {
    peers: peers.map(({ peer }) => peer),
    routes: peers.map(({ route }) => route),
    neighbours: encapsulated.map(({ neighbour }) => neighbour),
    fdb: encapsulated.map(({ fdb }) => fdb),
    unusable: candidates.filter(({ vtepMac }) => vtepMac === undefined),
  }
}

function ownLists(name: string, input: BackendInput): PeerLists {
  return listsOf(othersOf(input), name, input)
}

/** The lists of all leases, and where in them the peers of a subnet stand. */
interface SharedLists {
  readonly all: PeerLists
  readonly places: ReadonlyMap<number, readonly number[]>
}

const shared = new WeakMap<BackendInput['nameOf'], Map<string, SharedLists>>()

/** Made once for all hosts of a network. */
function listsOfAll(name: string, input: BackendInput): SharedLists {
  const byLink = shared.get(input.nameOf) ?? new Map<string, SharedLists>()
  const known = byLink.get(name)
  if (known) return known
  const all = listsOf(input.leases, name, input)
  const places = Map.groupBy(all.peers.keys(), (place) => {
    const { lease } = all.peers[place] as Peer
    return networkNumber(lease.subnet)
  })
  shared.set(input.nameOf, byLink.set(name, { all, places }))
  return { all, places }
}

/** The same without those of the host's own subnet, each list made when it is asked for. */
function sharedLists(name: string, input: BackendInput): PeerLists {
  const { all, places } = listsOfAll(name, input)
  const own = networkNumber(input.lease.subnet)
  const [place, ...more] = places.get(own) ?? []
  if (more.length > 0) return ownLists(name, input)
  // Each peer has one entry in each list, at one place.
  const others = <T>(list: readonly T[]) => once(() => listOfHost(list, place))
  const [peers, routes] = [others(all.peers), others(all.routes)]
  const [neighbours, fdb] = [others(all.neighbours), others(all.fdb)]
  return {
    get peers() {
      return peers()
    },
    get routes() {
      return routes()
    },
    get neighbours() {
      return neighbours()
    },
    get fdb() {
      return fdb()
    },
    unusable: all.unusable.filter(({ subnet }) => networkNumber(subnet) !== own),
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

interface PeerLink {
  readonly name: string
  readonly mac: string
  readonly input: BackendInput
}

function vxlanPeer(peer: Peer, { name, mac, input }: PeerLink): VxlanPeer {
  return {
    peer,
    route: peerRoute(peer, name, input),
    neighbour: { address: formatAddress(peer.lease.subnet.address), link: name, mac, peer },
    fdb: { mac, link: name, destination: formatAddress(peer.lease.publicIp), peer },
  }
}

/** DirectRouting: the kernel's route to the public IP has no gateway (flannel `pkg/ip/iface.go`, `DirectRouting`). */
function isDirect(lease: Lease, input: BackendInput): boolean {
  if (!input.config.directRouting || input.generation.vxlan !== 'per-peer') return false
  return lease.publicIp !== input.lease.publicIp && onLink(lease, input) !== undefined
}

/** The link on which a peer's public IP is a neighbour; undefined when a gateway is in between. */
function onLink(lease: Lease, input: BackendInput): string | undefined {
  if (input.underlayRoute) {
    const route = input.underlayRoute(lease.publicIp)
    return route?.type === 'unicast' && isConnected(route) ? route.link : undefined
  }
  return connectedLink(lease, input)
}

/** Without the routing table: the external link's own subnets. */
function connectedLink({ publicIp }: Lease, { externalLink, addresses }: BackendInput): string | undefined {
  const reaches = addresses.some(
    ({ link, prefix }) =>
      prefix && link === externalLink?.name && samePrefixOf(prefix.address, publicIp, prefix.length),
  )
  return reaches ? externalLink?.name : undefined
}

function samePrefixOf(a: number, b: number, length: number): boolean {
  return maskPrefix({ address: a, length }).address === maskPrefix({ address: b, length }).address
}

function peerRoute(peer: Peer, name: string, input: BackendInput): ExpectedRoute {
  const { lease } = peer
  const destination = maskPrefix(lease.subnet)
  const underlay = peer.direct ? onLink(lease, input) : undefined
  return underlay === undefined
    ? { destination, gateway: lease.subnet.address, link: name, onlink: true, peer }
    : { destination, gateway: lease.publicIp, link: underlay, onlink: false, peer }
}
