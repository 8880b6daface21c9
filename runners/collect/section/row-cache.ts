/** Rows that hosts have in common, by their texts: the entry for a peer is parsed once for all of them. */
import type { Row } from './rows.ts'

/** Rows that are kept; beyond that all are forgotten, and a process that runs for long starts anew. */
const MOST_ROWS = 200_000
/** A longer text is no entry for a peer. */
const LONGEST = 512

/** What is read of a row; nothing of one that is no entry of the table. */
export type ReadRow<T> = (row: Row) => readonly T[]

/** What is JSON of a text that nearly is. */
export type ReadText = (text: string) => string

/** One entry of a table. */
export interface SharedRow {
  readonly text: string
  /** Absent where it is empty: some versions print an object without anything for an entry that they filter out. */
  readonly row: Row | undefined
  /** The table in which it was met last. */
  table: number
  /** Set once it was met in a second one. */
  isKept?: true
  /** What followed it there. */
  next?: SharedRow
  /** The stretch that begins with it. */
  stretch?: Stretch
  readonly read: Map<ReadRow<unknown>, readonly unknown[]>
}

/** Rows that follow each other in the tables of several hosts. */
export interface Stretch {
  readonly text: string
  readonly rows: readonly SharedRow[]
  readonly read: Map<ReadRow<unknown>, readonly unknown[]>
}

const known = new Map<string, SharedRow>()
/** Rows that were met in one table alone: what is a host's own does not come again. */
const young = new Map<string, SharedRow>()
/** Tables after which these are forgotten. */
const GENERATION = 64
let tables = 0

/** The number of a new table, from 1. */
export function nextTable(): number {
  tables += 1
  if (tables % GENERATION === 0) young.clear()
  return tables
}

/** A part of a text would keep all of it in memory. */
export const apart = (text: string): string => Buffer.from(text).toString()

/** The row of one entry's text; undefined where it is not a whole object. */
export function sharedRow(text: string, read: ReadText): SharedRow | undefined {
  const before = known.get(text) ?? young.get(text)
  if (before !== undefined) {
    keepRow(before)
    return before
  }
  const own = apart(text)
  const row = parsedRow(own, read)
  if (row === undefined) return undefined
  const isEmpty = Object.keys(row).length === 0
  const shared: SharedRow = { text: own, row: isEmpty ? undefined : row, table: 0, read: new Map() }
  if (young.size < MOST_ROWS) young.set(own, shared)
  return shared
}

/** Keeps a row that was met again. */
export function keepRow(row: SharedRow): void {
  if (row.isKept) return
  if (known.size >= MOST_ROWS) known.clear()
  row.isKept = true
  known.set(row.text, row)
  young.delete(row.text)
}

/** What is cut inside of a string or of a nested list is no JSON on either side. */
function parsedRow(text: string, read: ReadText): Row | undefined {
  if (text.length > LONGEST || !text.startsWith('{')) return undefined
  try {
    return JSON.parse(read(text)) as Row
  } catch {
    return undefined
  }
}
