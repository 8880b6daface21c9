/**
 * Which ordered pairs of hosts are probed: all of them, or above a limit a sample. Each host is in it with the next one, and
 * with others that change from turn to turn, so that in time every pair has its turn; one turn is the same every time.
 */

/** Above this many ordered pairs (16 hosts have 240) the mesh is sampled. */
export const MOST_PAIRS = 240
/** Further neighbours of each host in a sample, besides the next one in the ring. */
const HASHED_NEIGHBOURS = 2

export interface Pairs<T> {
  readonly pairs: readonly (readonly [T, T])[]
  readonly ofPairs: number
  /** How the sample was taken; absent when every pair is there. */
  readonly sampledBy?: string
}

/** FNV-1a, 32 bits: spreads names evenly without a random number. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0
  return value
}

function everyPair<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((a) => items.filter((b) => b !== a).map((b) => [a, b] as const))
}

/** Each item with the next one and with hashed others, in both directions. */
function sample<T>(items: readonly T[], nameOf: (item: T) => string, turn: number): (readonly [T, T])[] {
  const size = items.length
  const chosen = new Set<string>()
  const pairs: (readonly [T, T])[] = []
  const add = (a: number, b: number): void => {
    if (a === b || chosen.has(`${a} ${b}`)) return
    chosen.add(`${a} ${b}`)
    pairs.push([items[a] as T, items[b] as T])
  }
  for (const [index, item] of items.entries()) {
    const others = Array.from(
      { length: HASHED_NEIGHBOURS },
      (_, n) => hash(`${nameOf(item)} ${n} ${turn}`) % size,
    )
    for (const other of [(index + 1) % size, ...others]) {
      add(index, other)
      add(other, index)
    }
  }
  return pairs
}

/** The pairs to probe among items in their order; another turn takes others. */
export function choosePairs<T>(items: readonly T[], nameOf: (item: T) => string, turn = 0): Pairs<T> {
  const ofPairs = items.length * (items.length - 1)
  if (ofPairs <= MOST_PAIRS) return { pairs: everyPair(items), ofPairs }
  const sampledBy = `each host with the next one and ${HASHED_NEIGHBOURS} others, both directions; the next run takes other pairs`
  return { pairs: sample(items, nameOf, turn), ofPairs, sampledBy }
}
