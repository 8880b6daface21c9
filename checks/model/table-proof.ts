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
  /** 1 at the place of what is not met; while a table is looked at, also where it says something else. */
  readonly open: Uint8Array
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
    open: Uint8Array.from(expected, (one) => Number(!isMet(one, common))),
  }
}

/** Those that are open, and those that the reference does not have. */
function openOf<E>(expected: readonly E[], { expected: known, places, open }: Reference<E, unknown>): E[] {
  const left: E[] = []
  let next = 0
  for (const one of expected) {
    const place = known[next] === one ? next : places.get(one)
    if (place === undefined || open[place] === 1) left.push(one)
    if (place !== undefined) next = place + 1
  }
  return left
}

/** Likewise for a table with other entries under these keys. A copy of all places for each host would cost more than the rest. */
function openIn<E, K>(expected: readonly E[], reference: Reference<E, K>, changed: Iterable<K>): E[] {
  const { open, byKey } = reference
  const touched = [...changed].flatMap((key) => byKey.get(key) ?? []).filter((place) => open[place] === 0)
  for (const place of touched) open[place] = 1
  const left = openOf(expected, reference)
  for (const place of touched) open[place] = 0
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
    return openIn(expected, reference, changedIn(index, reference.expected))
  }
}
