/** meta.json of a saved state: what was recorded, when, and through which hosts. */
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
  /** When, ISO 8601. */
  readonly at: string
  readonly note?: string
  readonly hosts: readonly StateHost[]
  /** True when every host of the network was named. */
  readonly complete: boolean
  /** Another state, relative to this one, that holds every file this one lacks. */
  readonly base?: string
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

function requireText(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw new StateError(where, 'a text', found(value))
}

function optionalText(value: unknown, where: string): string | undefined {
  return value === undefined ? undefined : requireText(value, where)
}

function readContainer(value: unknown, where: string): CollectSettings['containers'][number] {
  const { name, namespace } = shape(value, where)
  return {
    name: requireText(name, `${where}.name`),
    namespace: requireText(namespace, `${where}.namespace`),
  }
}

function readSettings(value: unknown, where: string): CollectSettings {
  const fields = shape(value, where)
  const containers = fields.containers ?? []
  if (!Array.isArray(containers)) throw new StateError(`${where}.containers`, 'a list', found(containers))
  const pid = fields.flanneldPid
  if (pid !== undefined && !Number.isSafeInteger(pid)) {
    throw new StateError(`${where}.flanneldPid`, 'a whole number', found(pid))
  }
  const paths = ['subnetFile', 'flanneldLog', 'dockerSocket', 'dockerOptionsFile'].map(
    (name) => [name, optionalText(fields[name], `${where}.${name}`)] as const,
  )
  return {
    containers: containers.map((entry, at) => readContainer(entry, `${where}.containers[${at}]`)),
    ...Object.fromEntries(paths.filter(([, path]) => path !== undefined)),
    ...(fields.sharesFiles === true ? { sharesFiles: true } : {}),
    ...(pid === undefined ? {} : { flanneldPid: pid as number }),
  }
}

function readHost(value: unknown, where: string): StateHost {
  const fields = shape(value, where)
  const name = requireText(fields.name, `${where}.name`)
  if (!isHostFolder(name)) throw new StateError(`${where}.name`, 'a host name', found(name))
  const unreachable = optionalText(fields.unreachable, `${where}.unreachable`)
  return {
    name,
    via: requireText(fields.via, `${where}.via`),
    ...(fields.settings === undefined
      ? {}
      : { settings: readSettings(fields.settings, `${where}.settings`) }),
    ...(unreachable === undefined ? {} : { unreachable }),
  }
}

/** A host's name is its folder: of two hosts of one name one would never be judged. */
function refuseTwice(hosts: readonly StateHost[], where: string): void {
  const names = hosts.map(({ name }) => name)
  // Built backwards, so that each name keeps its first place.
  const first = new Map(names.map((name, index) => [name, index] as const).reverse())
  const at = names.findIndex((name, index) => first.get(name) !== index)
  if (at >= 0) throw new StateError(`${where}: hosts[${at}].name`, 'a name of its own', found(names[at]))
}

function readFiles(value: unknown, where: string): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length > MOST_FILES) throw new StateError(where, 'a list', found(value))
  return value.map((path, at) => requireText(path, `${where}[${at}]`))
}

/** Meta of a parsed meta.json; throws StateError naming the field. */
export function readMeta(value: unknown, where: string): StateMeta {
  const fields = shape(value, where)
  if (fields.schemaVersion !== STATE_SCHEMA_VERSION) {
    throw new StateError(`${where}: schemaVersion`, String(STATE_SCHEMA_VERSION), found(fields.schemaVersion))
  }
  const kind = fields.kind
  if (kind !== 'recorded' && kind !== 'constructed') {
    throw new StateError(`${where}: kind`, '"recorded" or "constructed"', found(kind))
  }
  const hosts = fields.hosts ?? []
  if (!Array.isArray(hosts)) throw new StateError(`${where}: hosts`, 'a list', found(hosts))
  if (hosts.length > MOST_HOSTS)
    throw new StateError(`${where}: hosts`, `at most ${MOST_HOSTS}`, String(hosts.length))
  const read = hosts.map((host, at) => readHost(host, `${where}: hosts[${at}]`))
  refuseTwice(read, where)
  const files = readFiles(fields.files, `${where}: files`)
  const [note, base] = [
    optionalText(fields.note, `${where}: note`),
    optionalText(fields.base, `${where}: base`),
  ]
  return {
    schemaVersion: STATE_SCHEMA_VERSION,
    kind,
    tool: requireText(fields.tool, `${where}: tool`),
    at: requireText(fields.at, `${where}: at`),
    hosts: read,
    complete: fields.complete === true,
    ...(note === undefined ? {} : { note }),
    ...(base === undefined ? {} : { base }),
    ...(files === undefined ? {} : { files }),
  }
}
