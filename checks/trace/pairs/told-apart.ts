/**
 * Peers that something on a host tells from those that it is walked with. Above the number of hosts of which every pair is
 * walked, a rule for some addresses would else be met by none of the pairs: all addresses between two that are named are
 * treated alike, so that one peer of each such span stands for the others.
 */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { leaseIndex } from '../../expected/lease-index.ts'
import { knownValue } from '../../expected/observed-host.ts'
import { containsAddress, lastAddress, networkAddress } from '../../model/address.ts'
import type { Lease } from '../../model/lease.ts'
import type { Route } from '../../model/route.ts'
import type { ClusterSnapshot, HostName, HostSnapshot } from '../../model/snapshot.ts'
import { byNetwork, networkNumber } from '../../model/table-lookup.ts'
import { type AddressRange, namedOn, ofPrefix } from './named-ranges.ts'
import { oneOfEachSpan, placeFrom, type Sorted, sorted } from './spans.ts'

/** Hosts for which peers are looked for that the same addresses tell apart: rules that every host has act alike. */
const MOST_HOLDERS = 8

/** What a host names, and with whom it is walked already. */
interface Looking {
  readonly own: Lease
  /** Where another span of addresses begins. */
  readonly cuts: ReadonlySet<number>
  readonly walked: Set<Lease>
}

/** Those of whose subnet only a part is named. */
function* cutThrough(bySubnet: Sorted<Lease, number>, { cuts }: Looking): Iterable<Lease> {
  for (const cut of cuts) {
    const lease = bySubnet.items[placeFrom(bySubnet, cut) - 1]
    if (lease !== undefined && cut <= lastAddress(lease.subnet)) yield lease
  }
}

/** As flannel writes them for peers, which the checks of the layer route compare one by one. */
function isPeers({ destination, type, table }: Route, peers: ReadonlySet<number>): boolean {
  return type === 'unicast' && table === 'main' && peers.has(networkNumber(destination))
}

/** Other routes, of which those to own addresses tell nobody apart. */
function strangeRoutes(routes: readonly Route[], peers: ReadonlySet<number>): readonly AddressRange[] {
  return routes.flatMap((route) =>
    route.type === 'local' || route.type === 'broadcast' || isPeers(route, peers)
      ? []
      : [ofPrefix(route.destination)],
  )
}

/** The destinations of other routes than those for peers; of those that hosts have in common each is looked at once. */
function routeRanges(peers: ReadonlySet<number>): (host: HostSnapshot) => readonly AddressRange[] {
  const shared = new Map<readonly Route[], readonly AddressRange[]>()
  return ({ facts }) => {
    const { common, own } = byNetwork(knownValue(facts.routes) ?? [])
    const inCommon = shared.get(common) ?? strangeRoutes(common, peers)
    shared.set(common, inCommon)
    const inside = (knownValue(facts.containers) ?? []).flatMap(({ network }) => network?.routes ?? [])
    return [...inCommon, ...strangeRoutes(own, peers), ...strangeRoutes(inside, peers)]
  }
}

/** Tells of what a host names whether it is one of the first hosts that name it. */
function rarely(): (named: string | AddressRange) => boolean {
  const holders = new Map<string, number>()
  return (named) => {
    const key = typeof named === 'string' ? named : rangeKey(named)
    const count = (holders.get(key) ?? 0) + 1
    holders.set(key, count)
    return count <= MOST_HOLDERS
  }
}

/** Peers of a host that it must be walked with besides those that it is walked with. */
export type Besides = (host: HostName, walked: readonly Lease[]) => readonly Lease[]

/** Prepares the search among all leases of a network, for one host after another. */
export function toldApart(snapshot: ClusterSnapshot): Besides {
  const table = knownValue(snapshot.datastore.leases)
  if (table === undefined) return () => []
  const { byHost } = clusterIdentity(snapshot)
  const bySubnet = sorted(table.leases, ({ subnet }) => networkAddress(subnet))
  const byPublicIp = sorted(table.leases, ({ publicIp }) => publicIp)
  const rangesOf = routeRanges(new Set(table.leases.map(({ subnet }) => networkNumber(subnet))))
  const isRare = rarely()
  return (name, walked) => {
    const host = snapshot.hosts.get(name)
    const identity = byHost.get(name)
    if (host === undefined || identity === undefined || !('lease' in identity)) return []
    const { lease: own } = identity
    const named = [...new Set(namedOn(host))]
    const ranges = [...named.flatMap((one) => one.ranges), ...rangesOf(host)]
    const cuts = distinct(ranges)
      .filter(({ first, last }) => !isOf(own, first) || !isOf(own, last))
      .filter(isRare)
      .flatMap(({ first, last }) => [first, last + 1])
    const looking: Looking = { own, cuts: new Set(cuts), walked: new Set(walked) }
    const macs = new Set(named.flatMap((one) => one.macs))
    const told = [...macs].filter(isRare).flatMap((mac) => leaseIndex(table).byMac.get(mac) ?? [])
    take(looking, [...told, ...cutThrough(bySubnet, looking)])
    for (const order of [bySubnet, byPublicIp])
      take(looking, oneOfEachSpan(order, { cuts: looking.cuts, taken: looking.walked, except: own }))
    return [...looking.walked].slice(new Set(walked).size)
  }
}

function distinct(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return [...new Map(ranges.map((range) => [rangeKey(range), range])).values()]
}

function rangeKey({ first, last }: AddressRange): string {
  return `${first}-${last}`
}

/** Adds peers to those that are walked. */
function take({ own, walked }: Looking, peers: Iterable<Lease>): void {
  for (const lease of peers) if (lease !== own) walked.add(lease)
}

/** Of the host itself: its subnet, and its public address. */
function isOf({ subnet, publicIp }: Lease, address: number): boolean {
  return containsAddress(subnet, address) || address === publicIp
}
