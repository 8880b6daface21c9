/** Which saved states are meant by the words of a command line: states themselves, and folders of them. */
import { type Dir, lstatSync, opendirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { kindOf } from '../../files/read-regular-file.ts'
import { isArchive } from './state-folder.ts'
import { StateError } from './state-meta.ts'

/** Entries that a folder of states may have with all below it: a bundle for each host, and other files beside them. */
const MOST_ENTRIES = 20_000
/** Folders in each other: what fetches from hosts lays a bundle at HOST/its/path/there. */
const DEEPEST = 16

/** Looked at as it will be opened: access(2), by which `existsSync` asks, knows no capabilities. */
function isStateFolder(path: string): boolean {
  try {
    return lstatSync(join(path, 'meta.json'), { throwIfNoEntry: false }) !== undefined
  } catch {
    return false // a folder that may not be read is told when it is opened
  }
}

function opened(folder: string): Dir {
  try {
    return opendirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StateError(folder, 'a folder that may be read', code ?? String(error))
  }
}

function namesIn(folder: string, most: number): readonly string[] {
  const names: string[] = []
  const entries = opened(folder)
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      if (names.length >= most) throw new StateError(folder, `at most ${MOST_ENTRIES} entries`, 'more')
      names.push(entry.name)
    }
  } finally {
    entries.closeSync()
  }
  return names.sort()
}

/** A folder in which more bundles may be; a hidden one holds snapshots, a repository, or a state that is still being written (`state-folder.ts`). */
const mayHoldMore = (stats: Stats, name: string): boolean => stats.isDirectory() && !name.startsWith('.')

/** A bundle, or none. A link would lead out of what was handed over; a bundle that is silently left out would be a host that nobody judges. */
function isBundle(path: string, stats: Stats): boolean {
  if (!isArchive(path) && !(stats.isSymbolicLink() && isStateFolder(path))) return false
  if (!stats.isFile()) throw new StateError(path, 'a saved state', kindOf(stats))
  return true
}

function bundlesIn(top: string): readonly string[] {
  const found: string[] = []
  let entries = 0
  const look = (folder: string, depth: number): void => {
    if (depth > DEEPEST) throw new StateError(folder, `at most ${DEEPEST} folders in each other`, 'more')
    const names = namesIn(folder, MOST_ENTRIES - entries)
    entries += names.length
    for (const name of names) {
      const path = join(folder, name)
      const stats = lstatSync(path)
      const isFolder = mayHoldMore(stats, name)
      if (isFolder ? isStateFolder(path) : isBundle(path, stats)) found.push(path)
      else if (isFolder) look(path, depth + 1)
    }
  }
  look(top, 1)
  return found
}

/** The states that are meant: a folder that is none itself stands for those in it and in the folders below. Throws StateError. */
export function bundlePaths(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    if (!isFolder || isStateFolder(path)) return [path]
    const inside = bundlesIn(path)
    if (inside.length === 0) throw new StateError(path, 'a saved state or a folder of them', 'neither')
    return inside
  })
}
