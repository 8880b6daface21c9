/**
 * What is expected of a table that hosts have mostly in common is mostly expected alike, too: it is looked up once in
 * what they have in common, and again only where a host's own table says something else.
 *
 * Why that proves as much as a look at every host: whether an expectation is met depends on the entries of its key
 * alone. Where a table lists for that key the very entries that the common one lists, in their order, and the
 * expectation is the very object that was met there, it is met here. Lists that are shared with nobody are looked at whole.
 */
import { originOf } from './list-but-one.ts'
import type { IndexedTable } from './table-index.ts'

/** How expectations of one kind are met. */
export interface Meeting<E, T, K> {
  readonly indexOf: (table: readonly T[]) => IndexedTable<T, K>
  /** The key under which the entries stand that decide about it. */
  readonly keyOf: (expected: E) => K
  /** True where the entries of that key meet it on whichever host: it must not depend on anything else. */
  readonly isMet: (expected: E, index: IndexedTable<T, K>) => boolean
  /** Keys of expectations about which a table says something else than the common one; those of the index unless given. */
  readonly changedIn?: (index: IndexedTable<T, K>, all: readonly E[]) => Iterable<K>
}

/** What all hosts expect of the common table. */
interface Reference<K> {
  /** Places of what is not met there. */
  readonly open: readonly number[]
  readonly byKey: ReadonlyMap<K, readonly number[]>
}

function referenceOf<E, T, K>(
  all: readonly E[],
  common: IndexedTable<T, K>,
  { keyOf, isMet }: Meeting<E, T, K>,
): Reference<K> {
  return {
    open: [...all.keys()].filter((place) => !isMet(all[place] as E, common)),
    byKey: Map.groupBy(all.keys(), (place) => keyOf(all[place] as E)),
  }
}

/** Makes the question which expectations are to be looked at in a table: the others are met. They keep their order. */
export function unproven<E extends object, T extends object, K>(
  meeting: Meeting<E, T, K>,
): (expected: readonly E[], table: readonly T[]) => readonly E[] {
  const { indexOf, changedIn = ({ changed }) => changed } = meeting
  const references = new WeakMap<readonly T[], WeakMap<readonly E[], Reference<K>>>()
  const referenceFor = (all: readonly E[], common: readonly T[]): Reference<K> => {
    const ofTable = references.get(common) ?? new WeakMap<readonly E[], Reference<K>>()
    references.set(common, ofTable)
    const reference = ofTable.get(all) ?? referenceOf(all, indexOf(common), meeting)
    ofTable.set(all, reference)
    return reference
  }
  return (expected, table) => {
    const index = indexOf(table)
    const origin = originOf(expected)
    if (index.common === table || origin === undefined) return expected
    const { all, without } = origin
    const { open, byKey } = referenceFor(all, index.common)
    const changed = [...changedIn(index, all)].flatMap((key) => byKey.get(key) ?? [])
    const places = new Set([...open, ...changed])
    if (without !== undefined) places.delete(without)
    return [...places].sort((a, b) => a - b).map((place) => all[place] as E)
  }
}
