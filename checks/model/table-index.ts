/**
 * Indexes of tables that hosts have mostly in common: what flannel writes for a peer is one and the same entry on every
 * host. It is indexed once for all of them; of each host's own table only what differs from that is.
 */

import { type CommonTable, type Difference, difference, touched } from './table-difference.ts'

/** Fewer entries are not worth a comparison. */
const LEAST = 64

type Groups<K, T> = ReadonlyMap<string, ReadonlyMap<K, readonly T[]>>

/** How the entries of a kind of table are found. */
export interface Keys<T, K> {
  readonly groupOf: (entry: T) => string
  readonly keyOf: (entry: T) => K
  /** What becomes of the entries of one key, which come in the order of the table. */
  readonly listed?: (entries: readonly T[]) => readonly T[]
}

/** One table by group and key. */
export interface IndexedTable<T, K> {
  /** In the order of the table. */
  readonly entriesOf: (group: string, key: K) => readonly T[]
  readonly hasGroup: (group: string) => boolean
  /** Its entries, whole where it has nothing in common with another. */
  readonly common: readonly T[]
  /** What it has beside, and lacks of these. */
  readonly own: readonly T[]
  readonly without: ReadonlySet<T>
  /** Keys, of whichever group, whose entries are not those of what is in common, or in another order. */
  readonly changed: ReadonlySet<K>
}

interface Common<T, K> extends CommonTable<T> {
  /** As they are, and as they are listed. */
  readonly plain: Groups<K, T>
  readonly groups: Groups<K, T>
  readonly sizes: ReadonlyMap<string, number>
}

const NONE: readonly never[] = []

function grouped<T, K>(table: readonly T[], { groupOf, keyOf, listed }: Keys<T, K>): Groups<K, T> {
  const groups = new Map<string, Map<K, T[]>>()
  for (const entry of table) {
    const group = groupOf(entry)
    const byKey = groups.get(group) ?? new Map<K, T[]>()
    if (byKey.size === 0) groups.set(group, byKey)
    const same = byKey.get(keyOf(entry))
    if (same) same.push(entry)
    else byKey.set(keyOf(entry), [entry])
  }
  if (listed === undefined) return groups
  const through = (byKey: ReadonlyMap<K, readonly T[]>) =>
    new Map([...byKey].map(([key, same]) => [key, listed(same)] as const))
  return new Map([...groups].map(([group, byKey]) => [group, through(byKey)] as const))
}

function commonOf<T extends object, K>(table: readonly T[], keys: Keys<T, K>): Common<T, K> {
  const places = new Map(table.map((entry, place) => [entry, place] as const))
  const plain = grouped(table, { groupOf: keys.groupOf, keyOf: keys.keyOf })
  const lists = [...plain.values()].flatMap((byKey) => [...byKey.values()])
  const several = lists.filter(({ length }) => length > 1)
  return {
    table,
    places,
    plain,
    groups: keys.listed === undefined ? plain : grouped(table, keys),
    sizes: sizesOf(table, keys),
    several: several.map((same) => same.map((entry) => places.get(entry) ?? 0)),
  }
}

function sizesOf<T>(
  table: Iterable<T>,
  { groupOf }: Pick<Keys<T, never>, 'groupOf'>,
): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const entry of table) sizes.set(groupOf(entry), (sizes.get(groupOf(entry)) ?? 0) + 1)
  return sizes
}

/** Everything of one key, in the order of this table. */
function sameKey<T, K>(
  one: T,
  { own, placeOf, placeOfOwn }: Difference<T>,
  { common: { plain, places }, keys: { groupOf, keyOf } }: Sharing<T, K>,
): readonly T[] {
  const [group, key] = [groupOf(one), keyOf(one)]
  const placeIn = (entry: T): number => placeOfOwn.get(entry) ?? placeOf[places.get(entry) ?? -1] ?? 0
  const shared = (plain.get(group)?.get(key) ?? NONE).filter((entry) => placeIn(entry) > 0)
  const more = own.filter((entry) => keyOf(entry) === key && groupOf(entry) === group)
  return [...shared, ...more].sort((a, b) => placeIn(a) - placeIn(b))
}

interface Sharing<T, K> {
  readonly common: Common<T, K>
  readonly keys: Keys<T, K>
}

/** The keys that are touched, with what they have in this table. */
function changedGroups<T, K>(found: Difference<T>, sharing: Sharing<T, K>): Groups<K, T> {
  const { groupOf, keyOf, listed = (entries) => entries } = sharing.keys
  const changed = new Map<string, Map<K, readonly T[]>>()
  for (const one of touched(found, sharing.common)) {
    const [group, key] = [groupOf(one), keyOf(one)]
    const byKey = changed.get(group) ?? new Map<K, readonly T[]>()
    changed.set(group, byKey)
    if (!byKey.has(key)) byKey.set(key, listed(sameKey(one, found, sharing)))
  }
  return changed
}

function asDifference<T extends object, K>(
  table: readonly T[],
  common: Common<T, K>,
  keys: Keys<T, K>,
): IndexedTable<T, K> | undefined {
  const found = difference(table, common)
  if (found === undefined) return undefined
  const changed = changedGroups(found, { common, keys })
  const { own, without } = found
  const [more, less] = [sizesOf(own, keys), sizesOf(without, keys)]
  return {
    entriesOf: (group, key) => changed.get(group)?.get(key) ?? common.groups.get(group)?.get(key) ?? NONE,
    hasGroup: (group) => (common.sizes.get(group) ?? 0) + (more.get(group) ?? 0) > (less.get(group) ?? 0),
    common: common.table,
    own,
    without: new Set(without),
    changed: new Set([...changed.values()].flatMap((byKey) => [...byKey.keys()])),
  }
}

function asWhole<T, K>(table: readonly T[], groups: Groups<K, T>): IndexedTable<T, K> {
  return {
    entriesOf: (group, key) => groups.get(group)?.get(key) ?? NONE,
    hasGroup: (group) => groups.has(group),
    common: table,
    own: NONE,
    without: new Set(),
    changed: new Set(),
  }
}

/** Makes the indexes of tables of one kind; the same table gives the same index. */
export function tableIndexes<T extends object, K>(
  keys: Keys<T, K>,
): (table: readonly T[]) => IndexedTable<T, K> {
  const indexes = new WeakMap<readonly T[], IndexedTable<T, K>>()
  const commons = new WeakMap<T, Common<T, K>>()
  const made = (table: readonly T[]): IndexedTable<T, K> => {
    if (table.length < LEAST) return asWhole(table, grouped(table, keys))
    const before = [0.5, 0.25, 0.75].flatMap((part) => {
      const entry = table[Math.floor(table.length * part)]
      return (entry && commons.get(entry)) ?? []
    })
    for (const common of new Set(before)) {
      const found = asDifference(table, common, keys)
      if (found !== undefined) return found
    }
    const common = commonOf(table, keys)
    for (const entry of table) commons.set(entry, common)
    return asWhole(table, common.groups)
  }
  return (table) => {
    const known = indexes.get(table) ?? made(table)
    indexes.set(table, known)
    return known
  }
}
