/** Entries of one kind: what hosts have in common is sorted by kind once, and of each host's own table the difference. */
import type { IndexedTable } from './table-index.ts'

/** In the order of the table, for few entries of many. */
function inOrder<T>(found: readonly T[], table: readonly T[]): readonly T[] {
  const places = new Map(found.map((entry) => [entry, table.indexOf(entry)] as const))
  return found.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
}

/**
 * Makes the question which entries of a table are of a kind; they keep their order. The kind must depend on the entry
 * alone; those without one are never asked for.
 */
export function kindsIn<T extends object>(
  indexOf: (table: readonly T[]) => Pick<IndexedTable<T, unknown>, 'common' | 'own' | 'without'>,
  kindOf: (entry: T) => string | undefined,
): (table: readonly T[], kind: string) => readonly T[] {
  const sorted = new WeakMap<readonly T[], ReadonlyMap<string | undefined, readonly T[]>>()
  return (table, kind) => {
    const { common, own, without } = indexOf(table)
    const kinds = sorted.get(common) ?? Map.groupBy(common, kindOf)
    sorted.set(common, kinds)
    const found = (kinds.get(kind) ?? []).filter((entry) => !without.has(entry))
    const more = own.filter((entry) => kindOf(entry) === kind)
    return more.length === 0 && common === table ? found : inOrder([...found, ...more], table)
  }
}
