/**
 * A saved state as one file, NAME.tgz. It is read into memory, never unpacked: no name in it becomes a path of this machine,
 * links and devices are refused, and so is what grows beyond a bound when it is inflated.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Header, Parser, type ReadEntry } from 'tar'
import { FileProblem, readRegularFile } from '../../files/read-regular-file.ts'
import type { StateFiles } from './state-folder.ts'
import { readMeta, STATE_TOOL, StateError } from './state-meta.ts'
import { type ReadBudget, type StateReader, wholeBudget } from './state-reader.ts'

/** Inflated; a state of 1,000 hosts has about two thirds of it. */
const MOST_BYTES = 512 * 1024 * 1024
const MOST_PACKED_BYTES = 128 * 1024 * 1024
/** A host has some 40 files. */
const MOST_FILES = 400_000
/** Room that is taken at once: many small pieces would be put together once more. */
const INFLATED_AT_ONCE = 1024 * 1024
const BLOCK = 512
const META = 'meta.json'

function block(path: string, content: Buffer, at: Date): readonly Buffer[] {
  const header = new Header({
    path,
    mode: 0o600,
    size: content.length,
    type: 'File',
    mtime: at,
    uid: 0,
    gid: 0,
  })
  header.encode()
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
  return [header.block ?? Buffer.alloc(BLOCK), content, padding]
}

/** The bytes of an archive of these files; the same files of the same time give the same bytes. */
export function packState(files: StateFiles, at: string): Buffer {
  const date = new Date(Number.isNaN(Date.parse(at)) ? 0 : at)
  const paths = [...files.keys()].sort((a, b) => Number(b === META) - Number(a === META) || (a < b ? -1 : 1))
  const blocks = paths.flatMap((path) => block(path, Buffer.from(files.get(path) ?? ''), date))
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]))
}

function inflated(path: string, budget: ReadBudget): Buffer {
  const most = Math.min(MOST_BYTES, budget.left)
  const packed = readRegularFile(path, { mostBytes: MOST_PACKED_BYTES })
  try {
    const content = gunzipSync(packed, { maxOutputLength: Math.max(1, most), chunkSize: INFLATED_AT_ONCE })
    budget.left -= content.length
    return content
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw new StateError(path, 'a saved state', isLarge ? `more than ${most} bytes` : 'no gzip file')
  }
}

const KINDS = new Set(['File', 'OldFile', 'Directory'])

/** Every file of an archive by its name there. Throws StateError for what is no file, and for more than there may be. */
function filesIn(archive: string, budget: ReadBudget): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  const refuse = (found: string): never => {
    throw new StateError(archive, 'an archive of a saved state', found)
  }
  const take = (entry: ReadEntry): void => {
    const { path, type } = entry
    if (!KINDS.has(type)) refuse(`${JSON.stringify(path.slice(0, 80))}, which is a ${type}`)
    if (files.size >= MOST_FILES) refuse(`more than ${MOST_FILES} files`)
    const chunks: Buffer[] = []
    entry.on('data', (chunk: Buffer) => chunks.push(chunk))
    entry.on('end', () => {
      // Mostly one piece of what was inflated: a copy would take the room once more.
      const [whole, ...more] = chunks
      const content = whole !== undefined && more.length === 0 ? whole : Buffer.concat(chunks)
      if (type !== 'Directory') files.set(path.replace(/^\.\//, ''), content)
    })
  }
  const parser = new Parser({ strict: true, onReadEntry: take })
  parser.on('error', (error: Error) => refuse(error.message.slice(0, 200)))
  parser.end(inflated(archive, budget))
  return files
}

/** Without the folder that all of them are in, where one was packed with `tar czf x.tgz folder`. Throws StateError for several. */
function unwrapped(archive: string, files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  if (files.has(META)) return files
  const states = [...files.keys()].filter((path) => path.endsWith(`/${META}`))
  if (states.length > 1) {
    const [found, also] = states.map((path) => JSON.stringify(path.slice(0, 80)))
    throw new StateError(archive, 'one saved state, each in an archive of its own', `${found} and ${also}`)
  }
  const folder = states[0]?.slice(0, -META.length) ?? ''
  return new Map(
    [...files].flatMap(([path, content]) =>
      path.startsWith(folder) ? [[path.slice(folder.length), content]] : [],
    ),
  )
}

/** The files of an archive by their path in the state. Throws StateError. */
function unpackState(path: string, budget = wholeBudget()): ReadonlyMap<string, Buffer> {
  try {
    return unwrapped(path, filesIn(path, budget))
  } catch (error) {
    if (error instanceof FileProblem) throw new StateError(path, 'a saved state', error.message)
    throw error
  }
}

/** The archive that was read last, inflated: a thousand bundles of one host each would not fit beside each other. */
let last: { readonly of: StateReader; readonly files: ReadonlyMap<string, Buffer> } | undefined

/**
 * Reads the files of an archive, again where another was read in between. It stands for itself: nothing beside it is ever
 * read. Throws StateError.
 */
export function archiveReader(archive: string, budget?: ReadBudget): StateReader {
  const reader: StateReader = {
    text: (dir, path) => {
      if (dir !== resolve(archive)) throw new StateError(archive, 'a state without a base', 'one with a base')
      if (last?.of !== reader) last = { of: reader, files: unpackState(archive) }
      return last.files.get(path)?.toString('utf8')
    },
  }
  last = { of: reader, files: unpackState(archive, budget) }
  return reader
}

/** Throws StateError where something else than a saved state of ours stands. */
export function refuseOtherFile(path: string): void {
  if (!existsSync(path)) return
  const wanted = 'a new file or one of a saved state'
  let tool: string
  try {
    tool = readMeta(JSON.parse(unpackState(path).get(META)?.toString('utf8') ?? 'null'), path).tool
  } catch {
    throw new StateError(path, wanted, 'another one')
  }
  if (!tool.startsWith(STATE_TOOL))
    throw new StateError(path, wanted, `one that ${JSON.stringify(tool.slice(0, 40))} wrote`)
}
