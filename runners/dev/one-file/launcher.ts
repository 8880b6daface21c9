/**
 * What the one-file executable runs first. It puts the package that it carries into our cache, once for each version and
 * only where nobody else may write, and runs it from there; without such a cache into a folder that goes with the process.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { getAsset } from 'node:sea'
import { pathToFileURL } from 'node:url'
import { deserialize } from 'node:v8'
import vm from 'node:vm'
import { gunzipSync } from 'node:zlib'
import { cacheFolder, isOursAlone } from '../../setup/cache-folder.js'

/** Asset names, known to `build-one-file.ts` as well. */
const [ARCHIVE, DIGEST] = ['package', 'digest']

/** Files of the package by their path in it. */
type Archive = ReadonlyMap<string, { readonly content: Uint8Array; readonly mode: number }>

/** Makes a folder and those above it. Node's own recursive way never ends where a file system refuses, as /proc does. */
function makeFolders(path: string): void {
  const missing: string[] = []
  for (let at = path; !isThere(at); at = dirname(at)) missing.unshift(at)
  for (const one of missing) mkdirSync(one, { mode: 0o700 })
}

function unpackInto(folder: string): void {
  const archive = deserialize(gunzipSync(Buffer.from(getAsset(ARCHIVE)))) as Archive
  for (const [path, { content, mode }] of archive) {
    const file = join(folder, path)
    makeFolders(dirname(file))
    writeFileSync(file, content, { mode })
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

/** The package in our cache; undefined where none can be kept. */
function cached(digest: string): string | undefined {
  const base = join(cacheFolder(), 'one-file')
  const folder = join(base, digest)
  if (!isOursAlone(folder)) return undefined
  if (isThere(folder)) return folder
  try {
    makeFolders(base)
    const fresh = mkdtempSync(join(base, '.new-'))
    unpackInto(fresh)
    try {
      renameSync(fresh, folder)
    } catch {
      rmSync(fresh, { recursive: true, force: true }) // another run was faster
    }
    return isThere(folder) ? folder : undefined
  } catch {
    return undefined
  }
}

function unkept(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  unpackInto(folder)
  return folder
}

const folder = cached(getAsset(DIGEST, 'utf8')) ?? unkept()
const main = join(folder, 'node_modules/flannel-doctor/runners/bin.js')
/** The reader of etcd is a Node process of its own: it is this executable with the path of its program. */
const [, , program = ''] = process.argv
const isOwnProgram = program.startsWith(`${folder}/`) && isThere(program)
process.argv.splice(1, isOwnProgram ? 2 : 1, isOwnProgram ? program : main)
const options = { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }
const url = pathToFileURL(isOwnProgram ? program : main).href
// That this way into the loader is an experiment of Node's is no news for a user.
const { emitWarning } = process
process.emitWarning = () => {}
new vm.Script(`import(${JSON.stringify(url)})`, options).runInThisContext()
process.emitWarning = emitWarning
