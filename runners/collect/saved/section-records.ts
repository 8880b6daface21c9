/** sections.json of a host in a saved state: how each section's command ended. */
import { FACT_COLLECTORS } from '../facts/index.ts'
import type { Section, SectionEnd } from '../section/section.ts'
import { found, StateError, shape } from './state-meta.ts'

/** Everything of a section but its output. */
export type SectionRecord = Pick<Section, 'command' | 'end' | 'stderr' | 'ms'>

/** What is taken of a section whose output alone was kept: nobody knows whether its command came to its end. */
export function unrecorded(command: string): SectionRecord {
  return { command, end: { truncated: true }, stderr: '', ms: 0 }
}

function endOf(value: unknown, where: string): SectionEnd {
  const end = shape(value, where)
  if (Number.isSafeInteger(end.exit)) return { exit: end.exit as number }
  if (end.timedOut === true) return { timedOut: true }
  if (end.truncated === true) return { truncated: true }
  throw new StateError(where, 'an exit status, timedOut or truncated', found(value))
}

function field<T>(value: unknown, usual: T, where: string): T {
  if (value === undefined) return usual
  if (typeof value === typeof usual) return value as T
  throw new StateError(where, typeof usual === 'number' ? 'a number' : 'a text', found(value))
}

function recordOf(value: unknown, where: string): SectionRecord {
  const record = shape(value, where)
  const { command, end, stderr, ms } = unrecorded('')
  return {
    command: field(record.command, command, `${where}.command`),
    end: record.end === undefined ? end : endOf(record.end, `${where}.end`),
    stderr: field(record.stderr, stderr, `${where}.stderr`),
    ms: field(record.ms, ms, `${where}.ms`),
  }
}

/** A fact of a plugin: it is read and kept whether or not that plugin is there. */
const OF_PLUGIN = /^[a-z][a-z0-9-]{1,31}\.[A-Za-z][A-Za-z0-9]{0,63}$/
/** Facts of plugins that one host may have. */
const MOST_OF_PLUGINS = 256

/** Every section that a host of a state may have: our own facts, and those of plugins that were recorded. */
export function sectionNames(
  records: readonly Readonly<Record<string, SectionRecord>>[],
): readonly Pick<Section, 'name' | 'command'>[] {
  const ofPlugins = records.flatMap((record) =>
    Object.entries(record).filter(([name]) => OF_PLUGIN.test(name)),
  )
  const named = new Map(ofPlugins.map(([name, { command }]) => [name as Section['name'], command]))
  return [
    ...FACT_COLLECTORS.map(({ fact, command }) => ({ name: fact, command })),
    ...[...named].slice(0, MOST_OF_PLUGINS).map(([name, command]) => ({ name, command })),
  ]
}

/** The records of a sections.json. Throws StateError with the place and what was expected there. */
export function sectionRecords(content: unknown, path: string): Readonly<Record<string, SectionRecord>> {
  const records = shape(content, path)
  return Object.fromEntries(
    Object.entries(records).map(([name, value]) => [name, recordOf(value, `${path}: ${name}`)]),
  )
}
