/**
 * Saved states: raw sections of every host in a folder, as replays and tests read them.
 *
 * DIR/meta.json, DIR/datastore.json (with DIR/kubernetes/RESOURCE.json where the API was read), DIR/HOST/sections.json (how each command ended) and
 * DIR/HOST/FACT.txt (its output); DIR/observations.json where probes were sent. A state with a `base` holds only the files that differ.
 */
import { join, resolve } from 'node:path'
import { present } from '../../../checks/model/present.ts'
import type { Section } from '../section/section.ts'
import { datastoreFiles, datastoreOf } from './datastore-files.ts'
import { type SectionRecord, sectionNames, sectionRecords, unrecorded } from './section-records.ts'
import { CAPTURES, type StateFiles, writeState } from './state-folder.ts'
import { found, isHostFolder, readMeta, StateError, type StateHost, type StateMeta } from './state-meta.ts'
import { readJson, type StateReader, stateReader } from './state-reader.ts'

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
  /** What a trace captured, by file name; written, never read. */
  readonly captures?: ReadonlyMap<string, Uint8Array>
}

/** A chain of bases longer than this is a loop. */
const MOST_BASES = 8
/** A base is a state in the same folder; `.` is a loop, which is said to be one. */
const BASE = /^(\.\.\/)?(\.|[A-Za-z0-9][\w.+-]*)$/

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

function addHost(files: Map<string, string | Uint8Array>, host: SavedHost): void {
  if (!isHostFolder(host.name))
    throw new StateError(host.name, 'host names that can be folders', found(host.name))
  const records: Record<string, SectionRecord> = {}
  for (const { name, command, end, stderr, ms, stdout } of host.sections) {
    records[name] = { command, end, stderr, ms: Math.round(ms * 10) / 10 }
    files.set(`${host.name}/${name}.txt`, stdout)
  }
  files.set(`${host.name}/sections.json`, json(records))
}

/** A state as files, by their path in it. */
export function stateFiles(state: SavedState): StateFiles {
  const files = new Map<string, string | Uint8Array>(datastoreFiles(state.datastore, json))
  if (state.observations !== undefined) files.set('observations.json', json(state.observations))
  for (const host of state.hosts) addHost(files, host)
  for (const [name, capture] of state.captures ?? []) files.set(`${CAPTURES}/${name}`, capture)
  const hosts = state.hosts.map(({ sections, ...host }) => host)
  const meta = { ...state.meta, hosts, files: ['meta.json', ...files.keys()].sort() }
  return files.set('meta.json', json(meta))
}

/**
 * Writes a state; `dir` appears whole or not at all, readable for its user only. A saved state that stands there is
 * replaced; throws StateError for any other folder that is not empty.
 */
export function saveState(dir: string, state: SavedState): void {
  writeState(dir, stateFiles(state))
}

function metaOf(read: StateReader, dir: string): StateMeta {
  const path = join(dir, 'meta.json')
  const value = readJson(read, dir, 'meta.json')
  if (value === undefined) throw new StateError(path, 'a saved state', 'no such file')
  return readMeta(value, path)
}

/** The folders a state is read from, its own first, then its base, and so on. */
function layersOf(
  read: StateReader,
  dir: string,
): readonly { readonly dir: string; readonly meta: StateMeta }[] {
  const layers = [{ dir, meta: metaOf(read, dir) }]
  for (let last = layers[0]; last?.meta.base !== undefined; last = layers.at(-1)) {
    const { base } = last.meta
    const where = join(last.dir, 'meta.json: base')
    if (!BASE.test(base)) throw new StateError(where, 'a relative path to a state beside it', found(base))
    if (layers.length > MOST_BASES) throw new StateError(where, 'an end of the chain of bases', 'a loop')
    const next = resolve(last.dir, base)
    layers.push({ dir: next, meta: metaOf(read, next) })
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
function readSections(read: StateReader, dirs: readonly string[], host: string): readonly Section[] {
  const path = `${host}/sections.json`
  const records = dirs.flatMap((dir) => {
    const content = readJson(read, dir, path)
    return content === undefined ? [] : [sectionRecords(content, join(dir, path))]
  })
  // Without any record nobody knows how the commands ended: what they printed is not taken for an answer.
  const missing = (command: string): SectionRecord =>
    records.length > 0 ? unrecorded(command) : { ...unrecorded(command), end: { truncated: true } }
  return sectionNames(records).flatMap(({ name, command }): Section[] => {
    const stdout = first(dirs, (dir) => read.text(dir, `${host}/${name}.txt`))
    if (stdout === undefined) return []
    const record = records.find((layer) => Object.hasOwn(layer, name))?.[name]
    return [{ name, stdout, ...(record ?? missing(command)) }]
  })
}

/** Of the hosts of all states the one that was read last. */
let last: { readonly of: StateHost; readonly sections: readonly Section[] } | undefined

/** A host whose files are read when they are asked for, and are not kept when the next is asked, of whichever state. */
function readLater(host: StateHost, read: () => readonly Section[]): SavedHost {
  return {
    ...host,
    get sections() {
      if (last?.of !== host) last = { of: host, sections: read() }
      return last.sections
    },
  }
}

/** Reads a state with its bases. Throws StateError when it is none or its meta is broken. */
export function loadState(dir: string, read: StateReader = stateReader()): SavedState {
  const state = openState(dir, read)
  return { ...state, hosts: state.hosts.map((host) => ({ ...host })) }
}

/**
 * As `loadState`, but files of a host are read when its sections are asked for, which then throws
 * StateError, and again when they are asked for later.
 */
export function openState(dir: string, read: StateReader = stateReader()): SavedState {
  const layers = layersOf(read, resolve(dir))
  const dirs = layers.map((layer) => layer.dir)
  const own = layers[0]?.meta as StateMeta
  const hosts = layers.find(({ meta }) => meta.hosts.length > 0)?.meta.hosts ?? []
  // Observations belong to one moment: those of a base say nothing about a state that differs from it.
  const observations = readJson(read, dirs[0] as string, 'observations.json')
  return {
    meta: { ...own, hosts },
    hosts: hosts.map((host) => readLater(host, () => readSections(read, dirs, host.name))),
    datastore: datastoreOf((path) => first(dirs, (layer) => readJson(read, layer, path))) ?? null,
    ...present({ observations }),
  }
}
