/** A saved state as texts by path, in a form whose differences a person can read: JSON over several lines. */
import pretty from 'json-stringify-pretty-compact'
import type { Section } from '../section/section.ts'
import { datastoreFiles, datastoreOf } from './datastore-files.ts'
import type { SavedHost, SavedState } from './saved-state.ts'
import { sectionNames, sectionRecords, unrecorded } from './section-records.ts'
import { readMeta, StateError, type StateMeta } from './state-meta.ts'

/** Texts by their path in the state's folder. */
export type StateTexts = ReadonlyMap<string, string>

const WIDTH = 100

/** A JSON value, one line for what fits into one. */
function jsonLines(value: unknown): string {
  return `${pretty(value, { indent: 1, maxLength: WIDTH })}\n`
}

/** JSON as a command printed it, in one line, but for each entry of its list: iproute2 writes no blanks, nft does. */
export function entryLines(value: unknown): string {
  if (Array.isArray(value)) return `[\n${value.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`
  const [[name, list] = ['', undefined], ...more] = Object.entries(value as object)
  if (!Array.isArray(list) || more.length > 0) return jsonLines(value)
  const lines = list.map((entry) => pretty(entry, { maxLength: Number.POSITIVE_INFINITY }))
  return `{${JSON.stringify(name)}: [\n${lines.join(',\n')}\n]}\n`
}

function recordsText(sections: readonly Section[]): string {
  const records = sections.map(({ name, command, end, stderr }) => [name, { command, end, stderr }] as const)
  return jsonLines(Object.fromEntries(records))
}

/** Texts of the hosts, of how their commands ended, of the datastore, and of which hosts there are. */
export function textsOf({ meta, hosts, datastore }: SavedState): StateTexts {
  // Read as a file would be, so that what it holds stands in one order.
  const { hosts: names } = readMeta({ ...meta, hosts }, 'meta.json')
  return new Map([
    ['meta.json', jsonLines({ hosts: names, complete: meta.complete })],
    ...datastoreFiles(datastore, jsonLines),
    ...hosts.flatMap(({ name, sections }) => [
      [`${name}/sections.json`, recordsText(sections)] as const,
      ...sections.map((section) => [`${name}/${section.name}.txt`, section.stdout] as const),
    ]),
  ])
}

function parsed(files: StateTexts, path: string, where: string): unknown {
  const text = files.get(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StateError(`${where}: ${path}`, 'JSON', (error as Error).message)
  }
}

function sectionsOf(files: StateTexts, host: string, where: string): readonly Section[] {
  const path = `${host}/sections.json`
  const records = sectionRecords(parsed(files, path, where) ?? {}, `${where}: ${path}`)
  return sectionNames([records]).flatMap(({ name, command }): Section[] => {
    const stdout = files.get(`${host}/${name}.txt`)
    if (stdout === undefined) return []
    return [{ name, stdout, ...(records[name] ?? unrecorded(command)), ms: 0 }]
  })
}

/** The state that the texts tell. Throws StateError where they tell none; `where` names them. */
export function stateOf(
  files: StateTexts,
  own: Omit<StateMeta, 'hosts' | 'complete'>,
  where: string,
): SavedState {
  const told = parsed(files, 'meta.json', where)
  const meta = readMeta({ ...own, ...(told as object) }, `${where}: meta.json`)
  const hosts = meta.hosts.map(
    (host): SavedHost => ({ ...host, sections: sectionsOf(files, host.name, where) }),
  )
  return { meta, hosts, datastore: datastoreOf((path) => parsed(files, path, where)) ?? null }
}
