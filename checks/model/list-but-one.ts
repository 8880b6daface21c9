/** Lists that hosts have in common but for one entry, the host's own: what is asked of each entry is answered once for all. */

/** The list that a host's own one was taken from. */
export interface Origin<T> {
  readonly all: readonly T[]
  /** The place of what the host's list lacks of it; undefined where it lacks nothing. */
  readonly without: number | undefined
}

const origins = new WeakMap<readonly unknown[], Origin<unknown>>()

/** The list of one host: all of them, without the entry at a place where one is given. */
export function listOfHost<T>(all: readonly T[], without: number | undefined): readonly T[] {
  const list = without === undefined ? all : all.toSpliced(without, 1)
  origins.set(list, { all, without })
  return list
}

/** What a list was taken from; undefined where it is shared with nobody. */
export function originOf<T>(list: readonly T[]): Origin<T> | undefined {
  return origins.get(list) as Origin<T> | undefined
}

/** Makes the question which entries of a list something holds of, which must depend on the entry alone. They keep their order. */
export function sharedFilter<T>(holds: (entry: T) => boolean): (list: readonly T[]) => readonly T[] {
  const found = new WeakMap<readonly T[], readonly T[]>()
  return (list) => {
    const { all, without } = originOf(list) ?? { all: list, without: undefined }
    const inAll = found.get(all) ?? all.filter(holds)
    found.set(all, inAll)
    return without === undefined ? inAll : inAll.filter((entry) => entry !== all[without])
  }
}
