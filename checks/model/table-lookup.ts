/** Routes, neighbours and FDB entries of a host, looked up and not searched. */
import { networkAddress, type Prefix } from './address.ts'
import type { FdbEntry } from './fdb.ts'
import type { Neighbour } from './neighbour.ts'
import type { Route } from './route.ts'
import { tableIndexes } from './table-index.ts'

/** FDB entries by MAC. */
export const byMac = tableIndexes<FdbEntry, string>({ groupOf: () => '', keyOf: ({ mac }) => mac })

/** The FDB entries for a MAC, of every link, in the order of the table. */
export function fdbEntriesFor(fdb: readonly FdbEntry[], mac: string): readonly FdbEntry[] {
  return byMac(fdb).entriesOf('', mac)
}

/** Neighbour entries by link and address. */
export const byAddress = tableIndexes<Neighbour, string>({
  groupOf: ({ link }) => link,
  keyOf: ({ address }) => address,
})

/** The neighbour entries for an address on a link, in the order of the table. */
export function neighboursAt(
  neighbours: readonly Neighbour[],
  link: string,
  address: string,
): readonly Neighbour[] {
  return byAddress(neighbours).entriesOf(link, address)
}

/** A network as one number: a text for each entry of a thousand hosts is what takes the time here. */
export const networkNumber = (prefix: Prefix): number => networkAddress(prefix) * 64 + prefix.length

/** Routes by table and prefix. */
export const byNetwork = tableIndexes<Route, number>({
  groupOf: ({ table }) => table,
  keyOf: ({ destination }) => networkNumber(destination),
})

/** The routes of table main to exactly this prefix, dead ones too, in the order of the table. */
export function mainRoutesTo(routes: readonly Route[], prefix: Prefix): readonly Route[] {
  return byNetwork(routes).entriesOf('main', networkNumber(prefix))
}
