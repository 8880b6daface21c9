/** Where a host gives what is sent to a port that it publishes: to the container that the rule names, or elsewhere. */
import { containsAddress, formatAddress, type Prefix, parseAddress } from '../../model/address.ts'
import type { ClusterSnapshot, HostName } from '../../model/snapshot.ts'
import type { Endpoint } from '../trace.ts'
import { type HostView, viewOf, worldOf } from '../walk/world.ts'
import { collectedEnds } from './ends.ts'
import { whyNobody } from './held-address.ts'
import { askedAddress, askedPackets, natWay, type PortWay } from './port-nat.ts'
import { type PublishedPort, publishedPorts } from './published-ports.ts'
import { endsByAddress, wayOf } from './service-way.ts'

/** One published port whose packets do not get where its rule says. */
export interface LostPort {
  readonly host: HostName
  readonly published: PublishedPort
  /** The container that it is published for; undefined where there is none. */
  readonly end: Endpoint | undefined
  readonly way: PortWay
}

/** What all ports of a snapshot are judged with. */
interface Judging {
  readonly snapshot: ClusterSnapshot
  /** Containers and hosts by their address. */
  readonly ends: ReadonlyMap<string, Endpoint>
  readonly hosts: readonly HostView[]
}

/** Another host, which asks for a published port, by the address that it sends from. */
function askerFor({ snapshot, hosts }: Judging, host: HostView): Endpoint | undefined {
  const asker = hosts[(hosts.indexOf(host) + 1) % hosts.length]
  const address = asker && asker !== host ? askedAddress(snapshot, asker, {}) : undefined
  return asker && address !== undefined ? { host: asker.name, address: formatAddress(address) } : undefined
}

/** A published port with its container, and the address by which it is asked for. */
interface Given {
  readonly published: PublishedPort
  readonly end: Endpoint
  readonly address: number
}

/** The walk of a packet from a peer, where the NAT of the host gives it to its container. */
function lostOnWay(
  judging: Judging,
  host: HostView,
  { published, end, address }: Given,
): PortWay | undefined {
  const { snapshot } = judging
  const from = askerFor(judging, host)
  if (from === undefined) return undefined
  const { protocol, hostPort: port } = published
  const endpoint = { address: end.address, port: published.port }
  const service = { protocol, port, endpoints: [endpoint] }
  const others = [from, { host: host.name, address: formatAddress(address) }]
  const way = wayOf(snapshot, { host: host.name, from, address, port, service, endpoint, others, known: end })
  const isHere = way.kind === 'lost' && way.hop.rule !== undefined && way.hop.host === host.name
  return isHere ? { kind: 'lost', hop: way.hop } : undefined
}

/** The way to a container that is there. */
function wayToEnd(judging: Judging, host: HostView, given: Given): PortWay | undefined {
  const { published, address } = given
  const ways = askedPackets(host, published, address).map((one) => natWay(host, published, one))
  const astray = ways.find((way) => typeof way === 'object')
  return astray ?? (ways[0] === 'given' ? lostOnWay(judging, host, given) : undefined)
}

/** True where a rule for an address that nobody has is behind another, or not asked at all. */
function isIdle(host: HostView, published: PublishedPort, address: number | undefined): boolean {
  if (address === undefined) return false
  return askedPackets(host, published, address).some(
    (one) => typeof natWay(host, published, one) === 'object',
  )
}

function wayOfPort(judging: Judging, host: HostView, published: PublishedPort): PortWay | undefined {
  const { snapshot, ends } = judging
  const [end, text] = [ends.get(published.address), published.address]
  const address = askedAddress(snapshot, host, published)
  if (end !== undefined)
    return address === undefined ? undefined : wayToEnd(judging, host, { published, end, address })
  if (isIdle(host, published, address)) return undefined
  const why = whyNobody(snapshot, { number: parseAddress(text) ?? 0, text })
  return why === undefined ? undefined : { kind: 'nobody', why }
}

/** Containers and hosts by their address, those that are only assumed left out. */
function endsOf(snapshot: ClusterSnapshot, network: Prefix): ReadonlyMap<string, Endpoint> {
  const all = endsByAddress(snapshot, collectedEnds(snapshot, network))
  return new Map([...all].filter(([, { assumedOn }]) => assumedOn === undefined))
}

/** Published ports of every host that lead into the network and not to their container. */
export function lostPorts(snapshot: ClusterSnapshot, network: Prefix): readonly LostPort[] {
  const views = [...snapshot.hosts.keys()].map((name) => viewOf(worldOf(snapshot), name))
  const hosts = views.filter((view): view is HostView => !('absent' in view))
  const isInside = ({ address }: PublishedPort) => containsAddress(network, parseAddress(address) ?? 0)
  const all = hosts.flatMap((host) =>
    publishedPorts(snapshot, host.name).flatMap((published) =>
      isInside(published) ? [{ host, published }] : [],
    ),
  )
  if (all.length === 0) return []
  const judging = { snapshot, hosts, ends: endsOf(snapshot, network) }
  return all.flatMap(({ host, published }) => {
    const way = wayOfPort(judging, host, published)
    const end = judging.ends.get(published.address)
    return way === undefined ? [] : [{ host: host.name, published, end, way }]
  })
}
