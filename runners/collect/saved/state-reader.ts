/**
 * Reads the files of a saved state, which may come from a stranger: no links out of it, no FIFOs and devices, no more
 * than a bounded number of bytes.
 */
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { type FileProblem, kindOf, MOST_FILE_BYTES, readRegularText } from '../../files/read-regular-file.ts'
import { StateError } from './state-meta.ts'

/** Of all files of a state and its bases; one of 1,000 hosts has about a third of it. */
const MOST_STATE_BYTES = 1024 * 1024 * 1024

/** Bytes that may still be read; several states that are judged as one share it. */
export interface ReadBudget {
  left: number
}

/** What one state, or all that are read together, may have. */
export const wholeBudget = (): ReadBudget => ({ left: MOST_STATE_BYTES })

/** Reads the files of states, and in all no more than MOST_STATE_BYTES of them. */
export interface StateReader {
  /** A file below a folder; undefined when there is none. Throws StateError for what is no regular file. */
  readonly text: (dir: string, path: string) => string | undefined
}

/** A folder that takes more room than this for its names is not listed; that of a host has thirty names. */
const MOST_LISTED_BYTES = 64 * 1024

/** What a folder lists under a name; nothing is known where it was not read whole. */
type Entry = 'none' | 'file' | 'other' | 'unknown'

/** The entries of a folder; undefined where they are too many, or not to be listed: each is then asked for. */
function listed(path: string, { size }: Stats): ReadonlyMap<string, Entry> | undefined {
  if (size > MOST_LISTED_BYTES) return undefined
  try {
    const entries = readdirSync(path, { withFileTypes: true })
    return new Map(entries.map((entry) => [entry.name, entry.isFile() ? 'file' : 'other']))
  } catch {
    return undefined
  }
}

/** What a folder has under a name. */
type Listing = (name: string) => Entry

/** Throws StateError for what is no folder. */
function folderAt(path: string): Listing {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return () => 'none'
  // A link would lead out of what was handed over, to files of this machine.
  if (!stats.isDirectory()) throw new StateError(path, 'a folder', stats.isFile() ? 'a file' : kindOf(stats))
  const names = listed(path, stats)
  return (name) => (names === undefined ? 'unknown' : (names.get(name) ?? 'none'))
}

/** Looks into folders; the last one is remembered, for the files of a host are read together. */
function lastFolder(): (path: string) => Listing {
  let last: { readonly path: string; readonly listing: Listing } | undefined
  return (path) => {
    if (last?.path !== path) last = { path, listing: folderAt(path) }
    return last.listing
  }
}

/** A reader within a budget. */
export function stateReader(budget: ReadBudget = wholeBudget()): StateReader {
  /** Bytes of files that were read: one that is read again costs nothing more. */
  const paid = new Map<string, number>()
  const folder = lastFolder()
  const textOf = (dir: string, path: string): string | undefined => {
    const [name = '', file] = path.split('/')
    const entry = file === undefined ? 'unknown' : folder(`${dir}/${name}`)(file)
    if (entry === 'none') return undefined
    const place = `${dir}/${path}`
    try {
      const { text, bytes } = readRegularText(place, {
        followsLinks: false,
        isListedAsFile: entry === 'file',
        mostBytes: Math.min(budget.left + (paid.get(place) ?? 0), MOST_FILE_BYTES),
      })
      budget.left -= bytes - (paid.get(place) ?? 0)
      paid.set(place, bytes)
      return text
    } catch (error) {
      const { code, message } = error as FileProblem
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw new StateError(place, 'a file of a saved state', message)
    }
  }
  return { text: textOf }
}

/** A JSON file below a folder; undefined when there is none. Throws StateError. */
export function readJson(read: StateReader, dir: string, path: string): unknown {
  const text = read.text(dir, path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StateError(join(dir, path), 'JSON', (error as Error).message)
  }
}
