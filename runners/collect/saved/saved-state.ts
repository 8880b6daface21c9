/**
 * Saved states: raw sections of every host in a folder, as replays and tests read them.
 *
 * DIR/meta.json, DIR/datastore.json, DIR/HOST/sections.json (how each command ended) and
 * DIR/HOST/FACT.txt (its output); DIR/observations.json where probes were sent. A state with a `base` holds only the files that differ.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import type { HostFactName } from '../../../checks/model/snapshot.ts'
import { FACT_COLLECTORS } from '../facts/index.ts'
import type { Section } from '../section/section.ts'
import { type SectionRecord, sectionRecords, unrecorded } from './section-records.ts'
import { isHostFolder, readMeta, StateError, type StateHost, type StateMeta } from './state-meta.ts'

export { StateError } from './state-meta.ts'

export interface SavedHost extends StateHost {
  readonly sections: readonly Section[]
}

export interface SavedState {
  readonly meta: StateMeta
  readonly hosts: readonly SavedHost[]
  /** Content of datastore.json, a reading of the datastore; null when none was taken. */
  readonly datastore: unknown
  /** Content of observations.json, what probes saw; absent when none was sent. */
  readonly observations?: unknown
}

/** A chain of bases longer than this is a loop. */
const MOST_BASES = 8

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}

function writeHost(dir: string, host: SavedHost): void {
  if (!isHostFolder(host.name))
    throw new StateError(dir, 'host names that can be folders', JSON.stringify(host.name))
  mkdirSync(join(dir, host.name))
  const records: Record<string, SectionRecord> = {}
  for (const { name, command, end, stderr, ms, stdout } of host.sections) {
    records[name] = { command, end, stderr, ms: Math.round(ms * 10) / 10 }
    writeFileSync(join(dir, host.name, `${name}.txt`), stdout)
  }
  writeJson(join(dir, host.name, 'sections.json'), records)
}

function isReplaceable(dir: string): boolean {
  return readdirSync(dir).length === 0 || existsSync(join(dir, 'meta.json'))
}

/**
 * Writes a state; `dir` appears whole or not at all. A saved state that stands there is
 * replaced; throws StateError for any other folder that is not empty.
 */
export function saveState(dir: string, state: SavedState): void {
  const target = resolve(dir)
  if (existsSync(target) && !isReplaceable(target)) {
    throw new StateError(dir, 'a new, empty or saved-state folder', 'a folder with other files')
  }
  const fresh = `${target}.${randomBytes(6).toString('hex')}`
  mkdirSync(fresh, { recursive: true })
  try {
    const hosts = state.hosts.map(({ sections, ...host }) => host)
    writeJson(join(fresh, 'meta.json'), { ...state.meta, hosts })
    writeJson(join(fresh, 'datastore.json'), state.datastore)
    if (state.observations !== undefined) writeJson(join(fresh, 'observations.json'), state.observations)
    for (const host of state.hosts) writeHost(fresh, host)
    const old = `${fresh}.old`
    if (existsSync(target)) renameSync(target, old)
    renameSync(fresh, target)
    rmSync(old, { recursive: true, force: true })
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new StateError(path, 'a readable file', code ?? 'an error')
  }
}

function readJson(path: string): unknown {
  const text = readText(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StateError(path, 'JSON', (error as Error).message)
  }
}

function metaOf(dir: string): StateMeta {
  const path = join(dir, 'meta.json')
  const value = readJson(path)
  if (value === undefined) throw new StateError(path, 'a saved state', 'no such file')
  return readMeta(value, path)
}

/** The folders a state is read from, its own first, then its base, and so on. */
function layersOf(dir: string): readonly { readonly dir: string; readonly meta: StateMeta }[] {
  const layers = [{ dir, meta: metaOf(dir) }]
  for (let last = layers[0]; last?.meta.base !== undefined; last = layers.at(-1)) {
    const { base } = last.meta
    const where = join(last.dir, 'meta.json: base')
    if (isAbsolute(base)) throw new StateError(where, 'a relative path', JSON.stringify(base))
    if (layers.length > MOST_BASES) throw new StateError(where, 'an end of the chain of bases', 'a loop')
    const next = resolve(last.dir, base)
    layers.push({ dir: next, meta: metaOf(next) })
  }
  return layers
}

function first<T>(dirs: readonly string[], read: (dir: string) => T | undefined): T | undefined {
  for (const dir of dirs) {
    const value = read(dir)
    if (value !== undefined) return value
  }
  return undefined
}

/** Sections of one host; a fact without an output file has none. */
function readSections(dirs: readonly string[], host: string): readonly Section[] {
  const records = dirs.map((dir) => {
    const path = join(dir, host, 'sections.json')
    const content = readJson(path)
    return content === undefined ? {} : sectionRecords(content, path)
  })
  return FACT_COLLECTORS.flatMap(({ fact, command }): Section[] => {
    const stdout = first(dirs, (dir) => readText(join(dir, host, `${fact}.txt`)))
    if (stdout === undefined) return []
    const record = records.find((layer) => Object.hasOwn(layer, fact))?.[fact]
    return [{ name: fact satisfies HostFactName, stdout, ...(record ?? unrecorded(command)) }]
  })
}

/** Reads a state with its bases. Throws StateError when it is none or its meta is broken. */
export function loadState(dir: string): SavedState {
  const layers = layersOf(resolve(dir))
  const dirs = layers.map((layer) => layer.dir)
  const own = layers[0]?.meta as StateMeta
  const hosts = layers.find(({ meta }) => meta.hosts.length > 0)?.meta.hosts ?? []
  // Observations belong to one moment: those of a base say nothing about a state that differs from it.
  const observations = readJson(join(dirs[0] as string, 'observations.json'))
  return {
    meta: { ...own, hosts },
    hosts: hosts.map((host) => ({ ...host, sections: readSections(dirs, host.name) })),
    datastore: first(dirs, (layer) => readJson(join(layer, 'datastore.json'))) ?? null,
    ...(observations !== undefined && { observations }),
  }
}
