/** Lists of one entry, of which the indexes of a thousand hosts hold a million. */

const lists = new WeakMap<object, readonly unknown[]>()

/** A list of this entry alone; the same list for the same entry, which hosts have in common. */
export function alone<T extends object>(entry: T): readonly T[] {
  const known = lists.get(entry)
  if (known !== undefined) return known as readonly T[]
  const list = [entry]
  lists.set(entry, list)
  return list
}
