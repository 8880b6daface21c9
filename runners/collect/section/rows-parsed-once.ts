/**
 * Rows of tables that hosts have in common. The entry for a peer is the same text on every host of a network, so that
 * a row is parsed once and the hosts share it: a thousand hosts hold a thousand rows, not a million.
 */
import { parseRows, type Row } from './rows.ts'

/** Rows that are kept; beyond that all are forgotten, and a process that runs for long starts anew. */
const MOST_ROWS = 200_000
/** A longer text is no entry for a peer. */
const LONGEST = 512
const BETWEEN = '},{'

interface SharedRow {
  readonly text: string
  readonly row: Row
  /** Some versions print an object without anything for an entry that they filter out. */
  readonly isEmpty: boolean
  /** The table in which it was met last. */
  table: number
  /** What followed it there: hosts list their peers in one order. */
  next?: SharedRow
}

const known = new Map<string, SharedRow>()
let tables = 0

/** The row of one entry's text; undefined where it is not a whole object. */
function sharedRow(text: string): SharedRow | undefined {
  const before = known.get(text)
  if (before !== undefined) return before
  // A part of a text would keep all of it in memory.
  const own = Buffer.from(text).toString()
  const row = parsedRow(own)
  if (row === undefined) return undefined
  if (known.size >= MOST_ROWS) known.clear()
  const shared = { text: own, row, isEmpty: Object.keys(row).length === 0, table: 0 }
  known.set(own, shared)
  return shared
}

/** What is cut inside of a string or of a nested list is no JSON on either side. */
function parsedRow(text: string): Row | undefined {
  if (text.length > LONGEST || !text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Row
  } catch {
    return undefined
  }
}

/** The entry of a list of objects that begins at a place: cut where the next begins, or at the bracket at the end. */
function entryAt(list: string, from: number, guess: SharedRow | undefined): SharedRow | undefined {
  const end = list.length - 1
  if (guess !== undefined && list.startsWith(guess.text, from)) {
    const to = from + guess.text.length
    // No known text holds what is cut at: this is where it would be cut.
    if (to === end || list.startsWith(BETWEEN, to - 1)) return guess
  }
  const between = list.indexOf(BETWEEN, from)
  return sharedRow(list.slice(from, between < 0 ? end : between + 1))
}

/** The rows of a list of objects; undefined where it is not as flat as it seems, or an entry stands in it twice. */
function sharedRows(list: string): readonly Row[] | undefined {
  tables += 1
  const rows: Row[] = []
  let last: SharedRow | undefined
  for (let from = 1; from < list.length; ) {
    const entry = entryAt(list, from, last?.next)
    if (entry === undefined || entry.table === tables) return undefined
    entry.table = tables
    if (!entry.isEmpty) rows.push(entry.row)
    if (last !== undefined && last.next !== entry) last.next = entry
    last = entry
    from += entry.text.length + 1
  }
  return rows
}

/**
 * As `parseRows`, for lists of small flat objects: equal entries of different texts are the same object. Two equal ones
 * of one text are two, and where an object holds others the whole text is parsed.
 */
export function parseSharedRows(text: string): readonly Row[] | undefined {
  const trimmed = text.trim()
  const isList = trimmed.startsWith('[{') && trimmed.endsWith('}]')
  return (isList ? sharedRows(trimmed) : undefined) ?? parseRows(text)
}

/** A reading of a row that is done once, however many hosts share the row. */
export function oncePerRow<T extends object>(read: (row: Row) => T): (row: Row) => T {
  const done = new WeakMap<Row, T>()
  return (row) => {
    const before = done.get(row)
    if (before !== undefined) return before
    const value = read(row)
    done.set(row, value)
    return value
  }
}
