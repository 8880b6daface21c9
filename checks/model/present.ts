/** Optional fields: they are present or absent, never there and undefined. */

/** The type of an object without its undefined fields: what may be undefined may be absent. */
export type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** An object without its undefined fields; the walk makes millions of them, so nothing is copied without need. */
export function present<const T extends object>(fields: T): Present<T> {
  const all = fields as Record<string, unknown>
  for (const name in all) if (all[name] === undefined) return keptOf(all) as Present<T>
  return fields as unknown as Present<T>
}

function keptOf(all: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const name in all) if (all[name] !== undefined) kept[name] = all[name]
  return kept
}
