/** Policy rules and IPsec policies in the order in which the kernel asks them. */

interface Prioritised {
  readonly priority: number
}

const sorted = new WeakMap<readonly Prioritised[], readonly Prioritised[]>()

/** The lowest number first, of equal ones as given. Sorted once for the same array. */
export function byPriority<T extends Prioritised>(list: readonly T[]): readonly T[] {
  const known = sorted.get(list)
  if (known) return known as readonly T[]
  const found = list.toSorted((a, b) => a.priority - b.priority)
  sorted.set(list, found)
  return found
}
