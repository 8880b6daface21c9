/** What a table has beside the one that it shares most entries with, and lacks of it. */

/** A table that has less than this share in common with the other one stands for itself. */
const LEAST_SHARE = 0.5

/** The table that others are compared with. */
export interface CommonTable<T> {
  readonly table: readonly T[]
  readonly places: ReadonlyMap<T, number>
  /** Places of keys with several entries, whose order may be another elsewhere. */
  readonly several: readonly (readonly number[])[]
}

/** A table beside the one that it shares entries with. */
export interface Difference<T> {
  readonly own: readonly T[]
  readonly without: readonly T[]
  /** Of each common entry the place in the table, from 1; 0 where it lacks it. */
  readonly placeOf: Int32Array
  readonly placeOfOwn: ReadonlyMap<T, number>
}

/** The entries without a place, which are looked for from one to the next: most tables lack only the host's own. */
function lacking<T>(entries: readonly T[], placeOf: Int32Array): readonly T[] {
  const found: T[] = []
  for (let at = placeOf.indexOf(0); at >= 0; at = placeOf.indexOf(0, at + 1)) found.push(entries[at] as T)
  return found
}

/** The difference to the common table; undefined where it is too large, or an entry stands in the table twice. */
export function difference<T>(
  table: readonly T[],
  { table: entries, places }: CommonTable<T>,
): Difference<T> | undefined {
  const placeOf = new Int32Array(entries.length)
  const placeOfOwn = new Map<T, number>()
  let next = 0
  for (let at = 0; at < table.length; at++) {
    const entry = table[at] as T
    const place = entries[next] === entry ? next : places.get(entry)
    if (place === undefined) placeOfOwn.set(entry, at + 1)
    else placeOf[place] = at + 1
    if (place !== undefined) next = place + 1
  }
  const without = lacking(entries, placeOf)
  const isLike = placeOfOwn.size + without.length < LEAST_SHARE * table.length
  const isOnce = placeOfOwn.size + entries.length - without.length === table.length
  return isLike && isOnce ? { own: [...placeOfOwn.keys()], without, placeOf, placeOfOwn } : undefined
}

/** Entries whose key has others in this table than in the common one, or the same in another order. */
export function* touched<T>(
  { own, without, placeOf }: Difference<T>,
  { table, several }: CommonTable<T>,
): Iterable<T> {
  yield* own
  yield* without
  for (const places of several) {
    const here = places.map((place) => placeOf[place] ?? 0).filter((place) => place > 0)
    const isInOrder = here.every((place, at) => at === 0 || place > (here[at - 1] ?? 0))
    if (!isInOrder) yield* places.slice(0, 1).flatMap((place) => table[place] ?? [])
  }
}
