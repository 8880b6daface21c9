/** Which saved states are meant by the words of a command line: states themselves, and folders of them. */
import { existsSync, lstatSync, opendirSync } from 'node:fs'
import { join } from 'node:path'
import { kindOf } from '../../files/read-regular-file.ts'
import { isArchive } from './state-folder.ts'
import { StateError } from './state-meta.ts'

/** Entries that a folder of states may have: a bundle for each host, and other files beside them. */
const MOST_ENTRIES = 20_000

const isStateFolder = (path: string): boolean => existsSync(join(path, 'meta.json'))

function isBundle(folder: string, name: string): boolean {
  const path = join(folder, name)
  const stats = lstatSync(path)
  if (stats.isDirectory()) return isStateFolder(path)
  const isLinked = stats.isSymbolicLink() && isStateFolder(path)
  if (!isArchive(name) && !isLinked) return false
  // A link would lead out of what was handed over; a bundle that is silently left out would be a host that nobody judges.
  if (!stats.isFile()) throw new StateError(path, 'a saved state', kindOf(stats))
  return true
}

function bundlesIn(folder: string): readonly string[] {
  const names: string[] = []
  const entries = opendirSync(folder)
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      if (names.length >= MOST_ENTRIES)
        throw new StateError(folder, `at most ${MOST_ENTRIES} entries`, 'more')
      names.push(entry.name)
    }
  } finally {
    entries.closeSync()
  }
  return names
    .filter((name) => isBundle(folder, name))
    .sort()
    .map((name) => join(folder, name))
}

/** The states that are meant: a folder that is none itself stands for those in it. Throws StateError. */
export function bundlePaths(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
    const inside = isFolder && !isStateFolder(path) ? bundlesIn(path) : []
    return inside.length > 0 ? inside : [path]
  })
}
