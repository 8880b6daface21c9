/**
 * Rows of tables that hosts have in common. The entry for a peer is the same text on every host of a network, so that
 * a row is parsed once and the hosts share it: a thousand hosts hold a thousand rows, not a million. Hosts list their
 * peers in one order, so that a stretch of rows is compared as one text.
 */

import {
  apart,
  keepRow,
  nextTable,
  type ReadRow,
  type ReadText,
  type SharedRow,
  type Stretch,
  sharedRow,
} from './row-cache.ts'
import { parseRows, type Row } from './rows.ts'

export type { ReadRow } from './row-cache.ts'

const same: ReadText = (text) => text

/** Rows of a stretch. */
const STRETCH = 32
const BETWEEN = '},{'

/** A table as its stretches and the rows between them. */
type Parts = readonly (Stretch | SharedRow)[]

/**
 * True where a known text stands and ends where the list is cut: no known text holds what is cut at. V8 compares whole
 * texts many times as fast as the beginning of one.
 */
function isAt(list: string, text: string, from: number): boolean {
  const to = from + text.length
  return list.slice(from, to) === text && (to === list.length - 1 || list.startsWith(BETWEEN, to - 1))
}

/** The entry of a list of objects that begins at a place: cut where the next begins, or at the bracket at the end. */
function entryAt({ list, last, read }: Reading, from: number): SharedRow | undefined {
  const guess = last?.next
  if (guess !== undefined && isAt(list, guess.text, from)) {
    keepRow(guess)
    return guess
  }
  const between = list.indexOf(BETWEEN, from)
  return sharedRow(list.slice(from, between < 0 ? list.length - 1 : between + 1), read)
}

/** A table while it is read. */
interface Reading {
  readonly list: string
  readonly read: ReadText
  readonly table: number
  readonly parts: (Stretch | SharedRow)[]
  last?: SharedRow
  /** Rows in a row that followed each other before, and where the first of them begins. */
  run: SharedRow[]
  runFrom: number
}

/** Marks a row as met in this table; says whether it was not yet. */
function isNew(row: SharedRow, table: number): boolean {
  if (row.table === table) return false
  row.table = table
  return true
}

/** Takes the stretch that is expected at a place; its length, undefined where another text stands there. */
function takeStretch(reading: Reading, from: number): number | undefined {
  const stretch = reading.last?.next?.stretch
  if (stretch === undefined || !isAt(reading.list, stretch.text, from)) return undefined
  if (!stretch.rows.every((row) => isNew(row, reading.table))) return Number.NaN
  reading.parts.push(stretch)
  reading.last = stretch.rows.at(-1) as SharedRow
  reading.run = []
  return stretch.text.length
}

/** Keeps rows that followed each other in two tables as a stretch. */
function keepRun(
  reading: Reading,
  entry: SharedRow,
  at: { readonly from: number; readonly to: number },
): void {
  if (reading.run.length === 0) reading.runFrom = at.from
  reading.run.push(entry)
  if (reading.run.length < STRETCH) return
  const [first] = reading.run
  const text = apart(reading.list.slice(reading.runFrom, at.to))
  if (first !== undefined) first.stretch = { text, rows: reading.run, read: new Map() }
  reading.run = []
}

/** Takes one row; its length, undefined where the list is not as flat as it seems. */
function takeRow(reading: Reading, from: number): number | undefined {
  const { last } = reading
  const guess = last?.next
  const entry = entryAt(reading, from)
  if (entry === undefined || !isNew(entry, reading.table)) return undefined
  if (entry.row !== undefined) reading.parts.push(entry)
  if (entry === guess && entry.stretch === undefined)
    keepRun(reading, entry, { from, to: from + entry.text.length })
  else reading.run = []
  if (last !== undefined && last.next !== entry) last.next = entry
  reading.last = entry
  return entry.text.length
}

/** The parts of a list of objects; undefined where it is not as flat as it seems, or an entry stands in it twice. */
function partsOf(list: string, read: ReadText): Parts | undefined {
  const reading: Reading = { list, read, table: nextTable(), parts: [], run: [], runFrom: 0 }
  for (let from = 1; from < list.length; ) {
    const length = takeStretch(reading, from) ?? takeRow(reading, from)
    if (length === undefined || Number.isNaN(length)) return undefined
    from += length + 1
  }
  return reading.parts
}

function readOnce<T>(row: SharedRow, read: ReadRow<T>): readonly T[] {
  const before = row.read.get(read)
  if (before !== undefined) return before as readonly T[]
  const value = row.row === undefined ? [] : read(row.row)
  row.read.set(read, value)
  return value
}

function stretchOnce<T>(stretch: Stretch, read: ReadRow<T>): readonly T[] {
  const before = stretch.read.get(read)
  if (before !== undefined) return before as readonly T[]
  const value = stretch.rows.flatMap((row) => readOnce(row, read))
  stretch.read.set(read, value)
  return value
}

/** A table whose rows hosts may have in common. */
export interface SharedTable {
  /** True where a row has the field. */
  readonly hasField: (name: string) => boolean
  /** What is read of its rows, in their order: of equal rows of different tables the same. */
  readonly entries: <T>(read: ReadRow<T>) => readonly T[]
}

function sharedTable(parts: Parts): SharedTable {
  const entries = <T>(read: ReadRow<T>): readonly T[] => {
    const lists = parts.map((part) => ('rows' in part ? stretchOnce(part, read) : readOnce(part, read)))
    // Of its size from the start: a list that grows is copied again and again.
    const all = new Array<T>(lists.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const list of lists) for (const entry of list) all[at++] = entry
    return all
  }
  const hasField = (name: string): boolean => {
    const isIn = ({ row }: SharedRow): boolean => row !== undefined && name in row
    return parts.some((part) => ('rows' in part ? part.rows.some(isIn) : isIn(part)))
  }
  return { entries, hasField }
}

function plainTable(rows: readonly Row[]): SharedTable {
  return {
    entries: (read) => rows.flatMap(read),
    hasField: (name) => rows.some((row) => name in row),
  }
}

/**
 * As `parseRows`, for lists of small flat objects. Two equal entries of one text are two, and where an object holds
 * others the whole text is parsed. `read` makes JSON of what was printed; of one row it must always be the same.
 */
export function parseSharedTable(text: string, read: ReadText = same): SharedTable | undefined {
  const trimmed = text.trim()
  const parts = trimmed.startsWith('[{') && trimmed.endsWith('}]') ? partsOf(trimmed, read) : undefined
  if (parts !== undefined) return sharedTable(parts)
  const rows = parseRows(read(text))
  return rows && plainTable(rows)
}
