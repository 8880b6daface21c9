/**
 * Spans of addresses, of either family: all addresses between two at which a host begins to treat them otherwise are treated
 * alike, so that one of each such span stands for the others.
 */

/** Things in the order of one of their addresses. */
export interface Sorted<T, A extends number | bigint> {
  readonly items: readonly T[]
  readonly firsts: readonly A[]
  readonly placeOf: ReadonlyMap<T, number>
}

/** Sorts them by that address. */
export function sorted<T, A extends number | bigint>(
  items: readonly T[],
  addressOf: (item: T) => A,
): Sorted<T, A> {
  const ordered = items.toSorted((a, b) => {
    const [one, other] = [addressOf(a), addressOf(b)]
    return one < other ? -1 : one > other ? 1 : 0
  })
  return {
    items: ordered,
    firsts: ordered.map(addressOf),
    placeOf: new Map(ordered.map((item, place) => [item, place])),
  }
}

/** The place of the first whose address is not below another. */
export function placeFrom<A extends number | bigint>(
  { firsts }: Pick<Sorted<unknown, A>, 'firsts'>,
  address: A,
): number {
  let [from, to] = [0, firsts.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((firsts[middle] as A) < address) from = middle + 1
    else to = middle
  }
  return from
}

/** What is looked for among spans. */
export interface Wanted<T, A> {
  /** Where another span begins. */
  readonly cuts: Iterable<A>
  readonly taken: Iterable<T>
  /** Which is never yielded. */
  readonly except?: T
}

/** One of each span in which nothing is taken yet; the middle one, for the ends are where people are off by one. */
export function* oneOfEachSpan<T, A extends number | bigint>(
  order: Sorted<T, A>,
  { cuts, taken, except }: Wanted<T, A>,
): Iterable<T> {
  const places = new Set([0, ...[...cuts].map((cut) => placeFrom(order, cut)), order.items.length])
  const ends = [...places].sort((a, b) => a - b)
  const takenPlaces = [...taken].map((item) => order.placeOf.get(item) ?? -1)
  for (const [index, end] of ends.entries()) {
    const start = ends[index - 1] ?? 0
    if (takenPlaces.some((place) => place >= start && place < end)) continue
    const span = order.items.slice(start, end).filter((item) => item !== except)
    yield* span.slice(span.length >>> 1).slice(0, 1)
  }
}
