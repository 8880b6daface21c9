/**
 * The folder of a saved state as files: what may be replaced there, and how. Only what this tool wrote is ever
 * removed: the folder says in its meta.json who wrote it and which files, and one file more is a refusal.
 */
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { FileProblem, kindOf, readRegularFile } from '../../files/read-regular-file.ts'
import { identify } from '../../hosts/process-identity.ts'
import { FACT_COLLECTORS } from '../facts/index.ts'
import { readMeta, STATE_TOOL, StateError, type StateMeta } from './state-meta.ts'

/** Paths below the folder, of one or two names, to what is in them. */
export type StateFiles = ReadonlyMap<string, string | Uint8Array>

/** True for a path that names a state in one file. */
export function isArchive(path: string): boolean {
  return /\.(tgz|tar\.gz)$/i.test(path)
}

/** The path again, of a folder. Throws StateError for what can be no state: its meta.json would be missed for another reason. */
export function stateFolder(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory() === true) return path
  const found = stats === undefined ? 'nothing' : stats.isFile() ? 'a file' : kindOf(stats)
  throw new StateError(path || "''", 'a saved state, a folder or NAME.tgz', found)
}

/** Below the folder of a state: what a trace captured. */
export const CAPTURES = 'captures'

/** Names a state may have in the folder of a host, whatever version wrote it. */
const HOST_FILES = new Set(['sections.json', ...FACT_COLLECTORS.map(({ fact }) => `${fact}.txt`)])
const TOP_FILES = new Set(['meta.json', 'datastore.json', 'observations.json'])

/** True for a file that a state of this meta may consist of. */
function isOfState(path: string, meta: StateMeta): boolean {
  if (meta.files?.includes(path) === true || TOP_FILES.has(path)) return true
  const [folder = '', name = ''] = path.split('/')
  if (folder === CAPTURES) return name.endsWith('.pcap')
  // An overlay names no hosts of its own: those of its base.
  const isHost = meta.base !== undefined || meta.hosts.some((host) => host.name === folder)
  return isHost && HOST_FILES.has(name)
}

/** Every file below a folder; a link, a device or a folder of a folder is an entry as well. */
function entriesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [entry.name]
    return readdirSync(join(folder, entry.name)).map((name) => `${entry.name}/${name}`)
  })
}

function metaIn(folder: string): StateMeta | undefined {
  try {
    const path = join(folder, 'meta.json')
    return readMeta(JSON.parse(readRegularFile(path, { followsLinks: false }).toString('utf8')), path)
  } catch (error) {
    if (error instanceof FileProblem || error instanceof StateError || error instanceof SyntaxError)
      return undefined
    throw error
  }
}

/** Why a folder may not be replaced; undefined when it is empty or wholly a state that this tool wrote. */
function foreignIn(folder: string): string | undefined {
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) return stats.isFile() ? 'a file' : kindOf(stats)
  if (readdirSync(folder).length === 0) return undefined
  const meta = metaIn(folder)
  if (meta === undefined) return 'a folder with other files'
  if (!meta.tool.startsWith(STATE_TOOL)) return `a state that ${JSON.stringify(meta.tool.slice(0, 40))} wrote`
  const other = entriesBelow(folder).find(
    (path) => !isOfState(path, meta) || !lstatSync(join(folder, path)).isFile(),
  )
  return other === undefined ? undefined : `${JSON.stringify(other)}, which is not of a saved state`
}

/** Removes the files of a state one by one; what somebody put beside them meanwhile stays, and is an error. */
function removeState(folder: string): void {
  for (const path of entriesBelow(folder)) unlinkSync(join(folder, path))
  for (const name of readdirSync(folder)) rmdirSync(join(folder, name))
  rmdirSync(folder)
}

/** Makes a folder and those above it. Node's own recursive way never ends where a file system refuses, as /proc does. */
function makeFolders(path: string): void {
  const missing: string[] = []
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at)
  for (const folder of missing) mkdirSync(folder, { mode: 0o700 })
}

/** Name of a folder that is still being written, or still being removed, by a process. */
const ASIDE = /^\.(.+)\.(\d+)-[0-9a-f]{12}$/

/** How the name of such a folder begins: a name may have 255 octets, a letter up to three. */
const beside = (target: string): string => basename(target).slice(0, 60)

/** Removes what a killed process left beside `target` while it saved there. */
function sweepAside(target: string): void {
  for (const name of readdirSync(dirname(target))) {
    const [, of, pid] = ASIDE.exec(name) ?? []
    if (of !== beside(target) || identify(Number(pid)) !== undefined) continue
    const folder = join(dirname(target), name)
    if (foreignIn(folder) === undefined) removeState(folder)
  }
}

function aside(target: string): string {
  return join(dirname(target), `.${beside(target)}.${process.pid}-${randomBytes(6).toString('hex')}`)
}

/** meta.json first: from then on the folder says whose it is, however we end. */
function writeFiles(folder: string, files: StateFiles): void {
  mkdirSync(folder, { mode: 0o700 })
  const paths = [...files.keys()].sort((a, b) => Number(b === 'meta.json') - Number(a === 'meta.json'))
  for (const path of paths) {
    const place = join(folder, path)
    if (path.includes('/') && !existsSync(dirname(place))) mkdirSync(dirname(place), { mode: 0o700 })
    writeFileSync(place, files.get(path) as string | Uint8Array, { flag: 'wx', mode: 0o600 })
  }
}

/** The nearest folder above a path that is there. */
function nearestFolder(path: string): string {
  let at = dirname(path)
  while (!existsSync(at)) at = dirname(at)
  return at
}

/** Where a state would be written. Throws StateError for a folder that is not empty and no state, and the system's error. */
export function stateTarget(dir: string): string {
  const target = existsSync(dir) ? realpathSync(dir) : resolve(dir)
  accessSync(nearestFolder(target), constants.W_OK)
  const foreign = existsSync(target) ? foreignIn(target) : undefined
  if (foreign !== undefined) throw new StateError(dir, 'a new, empty or saved-state folder', foreign)
  return target
}

/**
 * Writes the files of a state; `dir` appears whole or not at all, and only its user may read it. An earlier state
 * there is replaced. Throws StateError for any other folder that is not empty, and the system's error.
 */
export function writeState(dir: string, files: StateFiles): void {
  const target = stateTarget(dir)
  makeFolders(dirname(target))
  sweepAside(target)
  const fresh = aside(target)
  try {
    writeFiles(fresh, files)
    if (existsSync(target)) {
      const old = aside(target)
      renameSync(target, old)
      renameSync(fresh, target)
      removeState(old)
    } else renameSync(fresh, target)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}
