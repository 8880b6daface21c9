/**
 * vxlan: one VTEP per host. Up to v0.6.x it carries the network's length, up to v0.8.0 a /32
 * with one network route and neighbours on demand; since v0.9.0 every peer has an onlink
 * route, a permanent neighbour and an FDB entry. flannel `pkg/backend/vxlan/vxlan_network.go`,
 * `handleSubnetEvents`, and `device.go`, `newVXLANDevice`.
 */
import { formatAddress, maskPrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import { present } from '../model/present.ts'
import { type BackendExpectation, type BackendInput, peerOf } from './backend.ts'
import { VXLAN_OVERHEAD } from './constants.ts'
import type { ExpectedFdbEntry, ExpectedLink, ExpectedNeighbour, ExpectedRoute, Peer } from './expected.ts'
import { isSince } from './generation.ts'
import { isConnected } from './route-lookup.ts'

/** A peer and what stands for it on a host. */
interface VxlanPeer {
  readonly peer: Peer
  readonly route: ExpectedRoute
  readonly neighbour: ExpectedNeighbour
  readonly fdb: ExpectedFdbEntry
}

/** VTEP, routes, neighbours and FDB entries; leases of another backend type are skipped, as flannel does. */
export const vxlan: BackendExpectation = (input) => {
  const candidates = input.others.filter(({ backendType }) => backendType === 'vxlan')
  const name = `flannel.${input.config.vni}`
  const perPeer = input.generation.vxlan === 'per-peer'
  const peers = vxlanPeers(candidates, name, input)
  const mtu = vxlanMtu(input)
  const network = [{ destination: maskPrefix(input.config.network), link: name, onlink: false }]
  return {
    get peers() {
      return keptLists(peers).peers()
    },
    link: vtep(name, mtu, input),
    get routes() {
      return perPeer ? keptLists(peers).routes() : network
    },
    get neighbours() {
      return perPeer ? keptLists(peers).neighbours() : []
    },
    get fdb() {
      return keptLists(peers).fdb()
    },
    udpPort: input.config.port,
    unusable: candidates.filter(({ vtepMac }) => vtepMac === undefined),
    ...present({ mtu }),
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** What is expected for peers, each in a list that is made when it is asked for. */
function listsOf(peers: readonly VxlanPeer[]) {
  const encapsulated = once(() => peers.filter(({ peer }) => !peer.direct))
  return {
    peers: once(() => peers.map(({ peer }) => peer)),
    routes: once(() => peers.map(({ route }) => route)),
    neighbours: once(() => encapsulated().map(({ neighbour }) => neighbour)),
    fdb: once(() => encapsulated().map(({ fdb }) => fdb)),
  }
}

let last: { readonly of: readonly VxlanPeer[]; readonly lists: ReturnType<typeof listsOf> } | undefined

/** Those of a thousand hosts would be millions of entries: of one host at a time they are kept. */
function keptLists(peers: readonly VxlanPeer[]): ReturnType<typeof listsOf> {
  if (last?.of !== peers) last = { of: peers, lists: listsOf(peers) }
  return last.lists
}

/** Peers with the MAC of their VTEP, without which nothing can be programmed. */
function vxlanPeers(candidates: readonly Lease[], name: string, input: BackendInput): readonly VxlanPeer[] {
  const shared = sharedPeers(name, input)
  return candidates.flatMap((lease): readonly VxlanPeer[] => {
    const { vtepMac: mac } = lease
    if (mac === undefined) return []
    if (isDirect(lease, input)) return [vxlanPeer(peerOf(lease, input, true), { name, mac, input })]
    const known = shared.get(lease)
    if (known !== undefined) return [known]
    const peer = vxlanPeer(peerOf(lease, input, false), { name, mac, input })
    shared.set(lease, peer)
    return [peer]
  })
}

const shared = new WeakMap<BackendInput['nameOf'], Map<string, Map<Lease, VxlanPeer>>>()

/** What stands for a peer that is not routed directly is the same on all hosts of a network: made once for all of them. */
function sharedPeers(name: string, { nameOf }: BackendInput): Map<Lease, VxlanPeer> {
  const byLink = shared.get(nameOf) ?? new Map<string, Map<Lease, VxlanPeer>>()
  const peers = byLink.get(name) ?? new Map<Lease, VxlanPeer>()
  shared.set(nameOf, byLink.set(name, peers))
  return peers
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

function vtep(name: string, mtu: number | undefined, input: BackendInput): ExpectedLink {
  const { config, generation, lease } = input
  return {
    name,
    kind: 'vxlan',
    ...present({ mtu, mac: lease.vtepMac }),
    address: {
      address: lease.subnet.address,
      length: generation.vxlan === 'network-address' ? config.network.length : 32,
    },
    vxlan: {
      vni: config.vni,
      port: config.port,
      local: localAddresses(name, input),
      ...present({ underlay: input.externalLink?.name }),
      gbp: config.gbp,
      learning: config.learning && (isSince(generation.version, 'v0.12.0') ?? true),
    },
  }
}

/** v0.27.4 and later bind to the public IP, older ones to the interface address; unknown versions may do either. */
function localAddresses(name: string, input: BackendInput): readonly string[] {
  const publicIp = formatAddress(input.lease.publicIp)
  const recent = isSince(input.generation.version, 'v0.27.4')
  if (recent) return [publicIp]
  const address = input.externalLink?.address
  if (address !== undefined) {
    const own = formatAddress(address)
    return recent === false ? [own] : [...new Set([publicIp, own])]
  }
  const observed = input.links.find((link) => link.name === name)?.vxlan?.local
  return [...new Set([publicIp, ...(observed === undefined ? [] : [observed])])]
}

/** `MTU` is the outer MTU and honoured since v0.21.3; before, and without it, the external link's MTU counts. */
function vxlanMtu({ config, generation, externalLink }: BackendInput): number | undefined {
  const honoured = isSince(generation.version, 'v0.21.3')
  if (config.mtu !== undefined && config.mtu !== externalLink?.mtu) {
    if (honoured === undefined) return undefined
    if (honoured) return config.mtu - VXLAN_OVERHEAD
  }
  return externalLink && externalLink.mtu - VXLAN_OVERHEAD
}
