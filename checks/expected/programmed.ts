/**
 * Which peers' leases a host has turned into kernel entries: for vxlan since v0.9.0 a route,
 * a neighbour and an FDB entry each, otherwise one route (flannel
 * `pkg/backend/vxlan/vxlan_network.go`, `handleSubnetEvents`; `pkg/backend/route_network.go`).
 */
import type { FdbEntry } from '../model/fdb.ts'
import type { Neighbour } from '../model/neighbour.ts'
import type { Route } from '../model/route.ts'
import { byNetwork, fdbEntriesFor, mainRoutesTo, neighboursAt, networkNumber } from '../model/table-lookup.ts'
import { unproven } from '../model/table-proof.ts'
import type { ExpectedHost, ExpectedRoute, Peer } from './expected.ts'
import { networkRoutes } from './network-routes.ts'

/** The tables in which flannel writes entries for peers. */
export interface PeerTables {
  readonly routes: readonly Route[]
  readonly neighbours: readonly Neighbour[]
  readonly fdb: readonly FdbEntry[]
}

/** Of the peers for which entries of their own are expected those without a single one. */
export interface Programmed {
  readonly without: readonly Peer[]
  /** True where that is all of them. */
  readonly isNone: boolean
}

/** Entries that are expected for a peer, and those of them that are there. */
interface Count {
  expected: number
  found: number
}

function count(counts: Map<Peer, Count>, peer: Peer | undefined, isThere: boolean): void {
  if (peer === undefined) return
  const known = counts.get(peer)
  if (known === undefined) counts.set(peer, { expected: 1, found: Number(isThere) })
  else {
    known.expected += 1
    known.found += Number(isThere)
  }
}

/** Failed and incomplete neighbours are the kernel's own question, not an entry of flannel. */
function entryCounts(
  expected: ExpectedHost,
  { routes, neighbours, fdb }: PeerTables,
): ReadonlyMap<Peer, Count> {
  const counts = new Map<Peer, Count>()
  for (const { destination, peer } of expected.routes)
    count(counts, peer, mainRoutesTo(routes, destination).length > 0)
  for (const { address, link, peer } of expected.neighbours)
    count(counts, peer, neighboursAt(neighbours, link, address).some(hasMac))
  for (const { mac, link, peer } of expected.fdb)
    count(
      counts,
      peer,
      fdbEntriesFor(fdb, mac).some((entry) => entry.link === link),
    )
  return counts
}

const hasMac = ({ mac }: Neighbour): boolean => mac !== undefined

/** Routes that are looked up in what hosts have in common. */
const notInCommon = unproven<ExpectedRoute, Route, number>({
  indexOf: byNetwork,
  keyOf: ({ destination }) => networkNumber(destination),
  isMet: ({ destination }, index) => index.entriesOf('main', networkNumber(destination)).length > 0,
})

/** True where every peer has its own route, and it is there: then none is without. */
function hasAllRoutes({ routes, peers }: ExpectedHost, tables: PeerTables): boolean {
  return (
    routes.length === peers.length &&
    networkRoutes(routes).length === 0 &&
    notInCommon(routes, tables.routes).every(
      ({ destination }) => mainRoutesTo(tables.routes, destination).length > 0,
    )
  )
}

/** The peers of which nothing is programmed, among those with at least `least` expected entries. */
export function programmedPeers(expected: ExpectedHost, tables: PeerTables, least: number): Programmed {
  if (hasAllRoutes(expected, tables)) return { without: [], isNone: false }
  const judged = [...entryCounts(expected, tables)].filter(([, one]) => one.expected >= least)
  const without = judged.filter(([, { found }]) => found === 0)
  return { without: without.map(([peer]) => peer), isNone: without.length === judged.length }
}
