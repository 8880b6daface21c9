/**
 * Which peers' leases a host has turned into kernel entries: for vxlan since v0.9.0 a route,
 * a neighbour and an FDB entry each, otherwise one route (flannel
 * `pkg/backend/vxlan/vxlan_network.go`, `handleSubnetEvents`; `pkg/backend/route_network.go`).
 */
import { formatPrefix, maskPrefix, type Prefix } from '../model/address.ts'
import type { FdbEntry } from '../model/fdb.ts'
import type { Neighbour } from '../model/neighbour.ts'
import type { Route } from '../model/route.ts'
import type { ExpectedHost, Peer } from './expected.ts'

type Entries = readonly string[]

/** The tables in which flannel writes entries for peers. */
export interface PeerTables {
  readonly routes: readonly Route[]
  readonly neighbours: readonly Neighbour[]
  readonly fdb: readonly FdbEntry[]
}

/** The peers that have entries of their own, and those of them without a single entry. */
export interface Programmed {
  /** Peers for which at least `least` entries are expected. */
  readonly judged: number
  readonly without: readonly Peer[]
}

const routeKey = (destination: Prefix): string => `route ${formatPrefix(maskPrefix(destination))}`
const neighbourKey = (one: { address: string; link: string }): string =>
  `neighbour ${one.address} ${one.link}`
const fdbKey = (one: { mac: string; link: string }): string => `fdb ${one.mac} ${one.link}`

function addTo(entries: Map<Peer, string[]>, peer: Peer | undefined, key: string): void {
  if (peer === undefined) return
  const known = entries.get(peer)
  if (known) known.push(key)
  else entries.set(peer, [key])
}

function expectedEntries(expected: ExpectedHost): ReadonlyMap<Peer, Entries> {
  const entries = new Map<Peer, string[]>()
  for (const { destination, peer } of expected.routes) addTo(entries, peer, routeKey(destination))
  for (const one of expected.neighbours) addTo(entries, one.peer, neighbourKey(one))
  for (const one of expected.fdb) addTo(entries, one.peer, fdbKey(one))
  return entries
}

/** Failed and incomplete neighbours are the kernel's own question, not an entry of flannel. */
function observedEntries({ routes, neighbours, fdb }: PeerTables): ReadonlySet<string> {
  const answered = neighbours.filter(({ mac }) => mac !== undefined)
  return new Set([
    ...routes.filter(({ table }) => table === 'main').map(({ destination }) => routeKey(destination)),
    ...answered.map(neighbourKey),
    ...fdb.map(fdbKey),
  ])
}

/** The peers of which nothing is programmed, among those with at least `least` expected entries. */
export function programmedPeers(expected: ExpectedHost, tables: PeerTables, least: number): Programmed {
  const observed = observedEntries(tables)
  const judged = [...expectedEntries(expected)].filter(([, entries]) => entries.length >= least)
  const without = judged.filter(([, entries]) => !entries.some((entry) => observed.has(entry)))
  return { judged: judged.length, without: without.map(([peer]) => peer) }
}
