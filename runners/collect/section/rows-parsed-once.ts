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
  readonly row: Row
  /** The table in which it was met last. */
  table: number
}

const known = new Map<string, SharedRow>()
let tables = 0

/** The row of one entry's text; undefined where it is not a whole object, or stands in this table already. */
function sharedRow(text: string): Row | undefined {
  const before = known.get(text)
  if (before !== undefined) {
    if (before.table === tables) return undefined
    before.table = tables
    return before.row
  }
  // A part of a text would keep all of it in memory.
  const own = Buffer.from(text).toString()
  const row = parsedRow(own)
  if (row === undefined) return undefined
  if (known.size >= MOST_ROWS) known.clear()
  known.set(own, { row, table: tables })
  return row
}

function parsedRow(text: string): Row | undefined {
  if (text.length > LONGEST) return undefined
  try {
    return JSON.parse(text) as Row
  } catch {
    return undefined
  }
}

/** Texts between the brackets of a list of objects, cut where one ends and the next begins. */
function* entriesOf(text: string): Generator<string> {
  let from = 1
  for (let to = text.indexOf(BETWEEN); to >= 0; to = text.indexOf(BETWEEN, from)) {
    yield text.slice(from, to + 1)
    from = to + 2
  }
  yield text.slice(from, -1)
}

/**
 * As `parseRows`, for lists of small flat objects: equal entries of different texts are the same object. Two equal ones
 * of one text are two, and where an object holds others the whole text is parsed.
 */
export function parseSharedRows(text: string): readonly Row[] | undefined {
  const trimmed = text.trim()
  if (!trimmed.startsWith('[{') || !trimmed.endsWith('}]')) return parseRows(text)
  tables += 1
  const rows: Row[] = []
  for (const entry of entriesOf(trimmed)) {
    // What is cut inside of a string or of a nested list is no JSON on either side.
    const row = entry.startsWith('{') ? sharedRow(entry) : undefined
    if (row === undefined) return parseRows(text)
    rows.push(row)
  }
  return rows.filter((row) => Object.keys(row).length > 0)
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
