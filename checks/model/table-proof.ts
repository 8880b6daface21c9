/**
 * What is expected of a table that hosts have mostly in common is mostly expected alike, too: it is looked up once in
 * what they have in common, and again only where a host's own table says something else.
 *
 * Why that proves as much as a look at every host: whether an expectation is met depends on the entries of its key
 * alone. Where a table lists for that key the very entries that the common one lists, in their order, and the
 * expectation is the very object that was met there, it is met here.
 */
import type { IndexedTable } from './table-index.ts'

/** How expectations of one kind are met. */
export interface Meeting<E, T, K> {
  readonly indexOf: (table: readonly T[]) => IndexedTable<T, K>
  /** The key under which the entries stand that decide about it. */
  readonly keyOf: (expected: E) => K
  /** True where the entries of that key meet it on whichever host: it must not depend on anything else. */
  readonly isMet: (expected: E, index: IndexedTable<T, K>) => boolean
  /** Keys of expectations about which a table says something else than the common one; those of the index unless given. */
  readonly changedIn?: (index: IndexedTable<T, K>, expected: readonly E[]) => Iterable<K>
}

/** What the first host expects of the common table, and what of that is met there. */
interface Reference<E, K> {
  readonly expected: readonly E[]
  readonly places: ReadonlyMap<E, number>
  readonly byKey: ReadonlyMap<K, readonly number[]>
  /** 1 at the place of what is met. */
  readonly met: Uint8Array
}

function referenceOf<E, T, K>(
  expected: readonly E[],
  common: IndexedTable<T, K>,
  { keyOf, isMet }: Meeting<E, T, K>,
): Reference<E, K> {
  return {
    expected,
    places: new Map(expected.map((one, place) => [one, place])),
    byKey: Map.groupBy(expected.keys(), (place) => keyOf(expected[place] as E)),
    met: Uint8Array.from(expected, (one) => Number(isMet(one, common))),
  }
}

/** Places of what is met in a table. */
function metIn<K>({ met, byKey }: Reference<unknown, K>, changed: Iterable<K>): Uint8Array {
  const here = met.slice()
  for (const key of changed) for (const place of byKey.get(key) ?? []) here[place] = 0
  return here
}

/** Those of the reference that are not met, and those that the reference does not have. */
function others<E>(
  expected: readonly E[],
  { expected: known, places }: Reference<E, unknown>,
  met: Uint8Array,
) {
  const left: E[] = []
  let next = 0
  for (const one of expected) {
    const place = known[next] === one ? next : places.get(one)
    if (place === undefined || met[place] === 0) left.push(one)
    if (place !== undefined) next = place + 1
  }
  return left
}

/** Makes the question which expectations are to be looked at in a table: the others are met. They keep their order. */
export function unproven<E extends object, T extends object, K>(
  meeting: Meeting<E, T, K>,
): (expected: readonly E[], table: readonly T[]) => readonly E[] {
  const { indexOf, changedIn = ({ changed }) => changed } = meeting
  const references = new WeakMap<readonly T[], Reference<E, K>>()
  return (expected, table) => {
    const index = indexOf(table)
    if (index.common === table) return expected
    const known = references.get(index.common)
    const reference = known ?? referenceOf(expected, indexOf(index.common), meeting)
    references.set(index.common, reference)
    return others(expected, reference, metIn(reference, changedIn(index, reference.expected)))
  }
}
