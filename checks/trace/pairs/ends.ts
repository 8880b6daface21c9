/** The ends of a host between which every pair of hosts is walked: its container bridge and its containers. */
import { subnetBridge } from '../../expected/bridge-link.ts'
import { isExpected } from '../../expected/expected.ts'
import { expectedHost } from '../../expected/expected-host.ts'
import { knownValue } from '../../expected/observed-host.ts'
import {
  containsAddress,
  formatAddress,
  maskPrefix,
  networkAddress,
  type Prefix,
  parseAddress,
} from '../../model/address.ts'
import type { Container } from '../../model/container-bridge.ts'
import type { Lease } from '../../model/lease.ts'
import type { Link } from '../../model/link.ts'
import { present } from '../../model/present.ts'
import type { ClusterSnapshot, HostName } from '../../model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from '../endpoint.ts'
import type { Endpoint } from '../trace.ts'
import { type HostView, viewOf, worldOf } from '../walk/world.ts'
import { spanOf } from './named-addresses.ts'

/** One host, collected or known by its lease alone. */
export interface HostEnds {
  readonly name: HostName
  /** The address of its container bridge; absent where there is none in the network. */
  readonly host?: Endpoint
  /** Containers that stand for all others of their bridge, and those that a rule tells from these. */
  readonly containers: readonly Endpoint[]
  /** The others, which are walked with one peer only. */
  readonly more: readonly Endpoint[]
  /** FLANNEL_MTU, bytes; absent where the underlay's MTU is not known. */
  readonly mtu?: number
}

/** Containers of one host that are walked with every peer because a rule tells them apart; the others are `more`. */
const MOST_NAMED = 8

/** Address and bridge of one container in the flannel network. */
interface Inside {
  readonly end: Endpoint
  readonly bridge: string
}

function insideOf(host: HostView, network: Prefix, { name, addresses, links }: Container): readonly Inside[] {
  return addresses.flatMap(({ address, prefix, link }) => {
    if (prefix === undefined || !containsAddress(network, prefix.address)) return []
    const index = links.find((one) => one.name === link)?.peerIndex
    const port = [...host.links.values()].find((one) => one.index === index && one.kind === 'veth')
    return [{ end: { host: host.name, container: name, address }, bridge: port?.master ?? port?.name ?? '' }]
  })
}

/** Where nobody is found a container is assumed at the first address behind the bridge's. */
function assumed(host: HostView, snapshot: ClusterSnapshot): readonly Endpoint[] {
  const expected = expectedHost(snapshot, host.name)
  if (!isExpected(expected)) return []
  const subnet = maskPrefix(expected.lease.subnet)
  const docker = knownValue(host.facts.docker)
  const place = { links: [...host.links.values()], addresses: host.addresses, subnet }
  const bridge: Link | undefined = subnetBridge({ ...place, ...present({ docker }) })
  const hasAddress = host.addresses.some(
    ({ link, prefix }) => link === bridge?.name && prefix && containsAddress(subnet, prefix.address),
  )
  if (bridge === undefined || !hasAddress) return []
  const first = (networkAddress(subnet) + 2) >>> 0
  const own = host.local.has(first) ? first + 1 : first
  const address = formatAddress(own)
  return [{ host: host.name, container: address, address, assumedOn: bridge.name }]
}

/** Those that are walked with every peer, one of each bridge and of each span of addresses, and the rest. */
function chosen(found: readonly Inside[], spanOfAddress: (address: number) => number) {
  if (found.length < 2) return { containers: found.map(({ end }) => end), more: [] }
  const bridges = new Set<string>()
  const spans = new Set<string>()
  let left = MOST_NAMED
  const isChosen = ({ end, bridge }: Inside): boolean => {
    const span = `${bridge} ${spanOfAddress(parseAddress(end.address) ?? 0)}`
    const [isFirst, isNew] = [!bridges.has(bridge), !spans.has(span)]
    bridges.add(bridge)
    spans.add(span)
    if (isFirst || !isNew) return isFirst
    left -= 1
    return left >= 0
  }
  const groups = Map.groupBy(found, isChosen)
  const ends = (key: boolean) => (groups.get(key) ?? []).map(({ end }) => end)
  return { containers: ends(true), more: ends(false) }
}

function endsOf(snapshot: ClusterSnapshot, host: HostView, network: Prefix): HostEnds {
  const bridge = resolveEndpoint(snapshot, host.name)
  const expected = expectedHost(snapshot, host.name)
  const mtu = isExpected(expected) ? expected.subnetEnv.mtu : undefined
  const known = knownValue(host.facts.containers) ?? []
  const found = known.flatMap((container) => insideOf(host, network, container))
  const ends = chosen(found, (address) => spanOf(snapshot, address))
  return {
    name: host.name,
    ...(isEndpoint(bridge) && { host: bridge }),
    ...ends,
    containers: found.length > 0 ? ends.containers : assumed(host, snapshot),
    ...present({ mtu }),
  }
}

/** The ends of every host that could be read and has a part in the network. */
export function collectedEnds(snapshot: ClusterSnapshot, network: Prefix): readonly HostEnds[] {
  const world = worldOf(snapshot)
  return [...world.hosts.keys()].flatMap((name) => {
    const host = viewOf(world, name)
    if ('absent' in host) return []
    const ends = endsOf(snapshot, host, network)
    return ends.host !== undefined || ends.containers.length > 0 ? [ends] : []
  })
}

/** What a host is known by whose lease alone is there. */
export function endsBeyond(lease: Lease): HostEnds {
  const name = formatAddress(lease.publicIp)
  const address = formatAddress((networkAddress(maskPrefix(lease.subnet)) + 2) >>> 0)
  return { name, containers: [{ host: name, container: address, address, beyond: lease }], more: [] }
}
