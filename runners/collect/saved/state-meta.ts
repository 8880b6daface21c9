/** meta.json of a saved state: what was recorded, when, and through which hosts. */
import { z } from 'zod'
import { toDotPath } from 'zod/v4/core'
import { InputError } from '../../input-error.ts'
import type { CollectSettings } from '../section/section.ts'

/** A saved state that cannot be used. The message says what was expected, what was found, and where. */
export class StateError extends InputError {
  constructor(where: string, expected: string, found: string) {
    super(`${where}: expected ${expected}, found ${found}`)
    this.name = 'StateError'
  }
}

export const STATE_SCHEMA_VERSION = 1
/** What a state says of the tool that wrote it. */
export const STATE_TOOL = 'flannel-doctor'
/** Hosts of one state: what is larger is no recording but a way to keep us busy. */
const MOST_HOSTS = 10_000
/** Files a state may list. */
const MOST_FILES = 1_000_000

export interface StateHost {
  readonly name: string
  readonly via: string
  readonly settings?: CollectSettings
  /** Why nothing could be collected there. */
  readonly unreachable?: string
}

export interface StateMeta {
  readonly schemaVersion: typeof STATE_SCHEMA_VERSION
  /** `recorded` from real hosts, or `constructed` by hand from such a recording. */
  readonly kind: 'recorded' | 'constructed'
  /** What wrote it. */
  readonly tool: string
  /** Of the tool. */
  readonly version?: string
  /** When, ISO 8601. */
  readonly at: string
  readonly note?: string
  readonly hosts: readonly StateHost[]
  /** True when every host of the network was named. */
  readonly complete: boolean
  /** Another state, relative to this one, that holds every file this one lacks. */
  readonly base?: string
  /** Set where addresses and names are replaced; the same for what was replaced alike. */
  readonly redacted?: string
  /** Every file of the state, by its path below the folder: only these are removed when it is replaced. */
  readonly files?: readonly string[]
}

const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9_.:@+-]{0,126}$/
const OWN_FILES = new Set(['meta.json', 'datastore.json', 'observations.json', 'captures'])

/** True when a host name can be a folder of a state: no separator, no leading dot, no file of the state itself. */
export function isHostFolder(name: string): boolean {
  return HOST_NAME.test(name) && !OWN_FILES.has(name)
}

export type Shape = Readonly<Record<string, unknown>>

/** A value that was found where another was expected, short; one nested too deep for JSON.stringify by its kind. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing'
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80)
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object'
  }
}

/** An object, or a StateError that says where one was expected. */
export function shape(value: unknown, where: string): Shape {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Shape
  throw new StateError(where, 'an object', found(value))
}

const text = z.string('a text')

const settings = z.object(
  {
    containers: z.array(z.object({ name: text, namespace: text }, 'an object'), 'a list').default([]),
    subnetFile: text.optional(),
    flanneldLog: text.optional(),
    dockerSocket: text.optional(),
    dockerOptionsFile: text.optional(),
    sharesFiles: z.boolean('true or false').optional(),
    flanneldPid: z.int('a whole number').optional(),
  },
  'an object',
)

const host = z.object(
  {
    name: text.refine(isHostFolder, 'a host name'),
    via: text,
    settings: settings.optional(),
    unreachable: text.optional(),
  },
  'an object',
)

const metaOfState = z.object(
  {
    schemaVersion: z.literal(STATE_SCHEMA_VERSION, String(STATE_SCHEMA_VERSION)),
    kind: z.enum(['recorded', 'constructed'], '"recorded" or "constructed"'),
    tool: text,
    version: text.optional(),
    at: text,
    note: text.optional(),
    hosts: z.array(host, 'a list').max(MOST_HOSTS, `at most ${MOST_HOSTS} hosts`).default([]),
    complete: z.boolean('true or false').default(false),
    base: text.optional(),
    redacted: text.optional(),
    files: z.array(text, 'a list').max(MOST_FILES, `at most ${MOST_FILES} files`).optional(),
  },
  'an object',
)

/** A host's name is its folder: of two hosts of one name one would never be judged. */
function refuseTwice(hosts: readonly StateHost[], where: string): void {
  const names = hosts.map(({ name }) => name)
  // Built backwards, so that each name keeps its first place.
  const first = new Map(names.map((name, index) => [name, index] as const).reverse())
  const at = names.findIndex((name, index) => first.get(name) !== index)
  if (at >= 0) throw new StateError(`${where}: hosts[${at}].name`, 'a name of its own', found(names[at]))
}

/** Meta of a parsed meta.json; throws StateError naming the field. */
export function readMeta(value: unknown, where: string): StateMeta {
  const parsed = metaOfState.safeParse(value)
  if (!parsed.success) {
    const { path = [], message = '' } = parsed.error.issues[0] ?? {}
    const at = path.reduce<unknown>((inside, step) => (inside as Shape)[step as string], value)
    throw new StateError([where, toDotPath(path)].filter(Boolean).join(': '), message, found(at))
  }
  // zod's optional members may be present and undefined; in JSON they are never undefined.
  const meta = parsed.data as StateMeta
  refuseTwice(meta.hosts, where)
  return meta
}
