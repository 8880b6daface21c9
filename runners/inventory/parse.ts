/** The text of an inventory file to an inventory. */
import { dirname, resolve } from 'node:path'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { printable } from '../../reports/printable.ts'
import { InputError } from '../input-error.ts'
import { nearestName } from '../nearest-name.ts'
import type { EtcdTarget, HostTarget, Inventory } from './inventory.ts'
import { type InventoryFile, inventorySchema, KNOWN_KEYS } from './schema.ts'

type Path = readonly PropertyKey[]

interface Source {
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
}

/** `hosts[0].via` */
function fieldName(path: Path): string {
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return printable(name.replace(/^\./, ''))
}

/** Offset of the value at `path`, or of its nearest ancestor where it is missing. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/** Offset of a key in the mapping at `path`. */
function offsetOfKey(document: Document, path: Path, key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true)
  const pair = isMap(map)
    ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
    : undefined
  return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : offsetOf(document, path)
}

function at({ file, lines }: Source, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${printable(file)}:${line}:${col}`
}

/** Keys that the mapping at `path` may have. */
function knownKeys(path: Path): readonly string[] {
  return KNOWN_KEYS[String([...path].reverse().find((step) => typeof step === 'string') ?? '')] ?? []
}

function nearestKey(path: Path, key: string): string | undefined {
  return nearestName(key, knownKeys(path))
}

function unknownKey(source: Source, path: Path, key: string): string {
  const known = knownKeys(path)
  const near = nearestKey(path, key)
  const hint = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean "${near}"?`
  const place = at(source, offsetOfKey(source.document, path, key))
  return `${place}: ${fieldName([...path, key])}: unknown key; ${hint}`
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `"${printable(value, 60)}"`
  return typeof value === 'object' && value !== null
    ? Array.isArray(value)
      ? 'a list'
      : 'a mapping'
    : printable(String(value), 60)
}

/** Keys whose value must not be repeated in a message. */
const SECRET = new Set<PropertyKey>(['password'])

function valueAt(content: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    content,
  )
}

function describe(source: Source, issue: z.core.$ZodIssue, content: unknown): readonly string[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(source, path, key))
  const last = path.at(-1) ?? ''
  const got = SECRET.has(last) ? 'something else' : shown(valueAt(content, path))
  const field = path.length === 0 ? 'inventory' : fieldName(path)
  return [`${at(source, offsetOf(source.document, path))}: ${field}: expected ${issue.message}, got ${got}`]
}

const MOST_PROBLEMS = 5

/** The key that an unknown one was meant to be, with the path of its mapping: it is not missing besides. */
function meantKeys(issues: readonly z.core.$ZodIssue[]): ReadonlySet<string> {
  return new Set(
    issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return []
      return issue.keys.map((key) => fieldName([...issue.path, nearestKey(issue.path, key) ?? key]))
    }),
  )
}

/** All that is wrong, in the order of the lines, each once. */
function everyProblem(source: Source, issues: readonly z.core.$ZodIssue[], content: unknown): string {
  const meant = meantKeys(issues)
  const isMisspelt = ({ path }: z.core.$ZodIssue): boolean =>
    valueAt(content, path) === undefined && meant.has(fieldName(path))
  const told = issues
    .filter((issue) => !isMisspelt(issue))
    .toSorted((a, b) => offsetOf(source.document, a.path) - offsetOf(source.document, b.path))
    .flatMap((issue) => describe(source, issue, content))
  const rest = told.length > MOST_PROBLEMS ? ` (and ${told.length - MOST_PROBLEMS} more)` : ''
  return `${told.slice(0, MOST_PROBLEMS).join('; ')}${rest}`
}

/** What the parser throws instead of reporting it, in a line; the recursion of its own ends a deep nesting. */
function unreadable(file: string, failure: unknown): InputError {
  const said = failure instanceof RangeError ? 'nested too deeply' : (failure as Error).message
  return new InputError(
    `${printable(file)}: expected an inventory, got YAML that cannot be read: ${printable(said)}`,
  )
}

/** No inventory nests deeper; the parser's time grows with the square of the depth. */
const MOST_DEPTH = 64
const DEEP_BLOCK = new RegExp(`(?:[-?:][ \\t]+){${MOST_DEPTH}}`)

/** True for a text that opens more brackets than any inventory does, or that puts a list into a list into a list. */
function isDeep(text: string): boolean {
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1)
    if (depth > MOST_DEPTH) return true
  }
  return DEEP_BLOCK.test(text)
}

function parseYaml(text: string, file: string, lines: LineCounter): Document {
  if (isDeep(text)) throw unreadable(file, new RangeError('deep'))
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  } catch (failure) {
    throw unreadable(file, failure)
  }
}

function readYaml(text: string, file: string): { source: Source; content: unknown } {
  const lines = new LineCounter()
  const document = parseYaml(text, file, lines)
  const source = { file, document, lines }
  const [error] = document.errors
  if (error !== undefined) {
    // A colon at the end of a bare word makes it a key.
    const hint = /\blocal:\s*([,}\]#]|$)/m.test(text) ? '; write "local:" in quotes' : ''
    const said = /call stack/.test(error.message) ? 'nested too deeply' : error.message
    throw new InputError(`${at(source, error.pos[0])}: ${printable(said)}${hint}`)
  }
  try {
    return { source, content: document.toJS({ maxAliasCount: 100 }) }
  } catch (failure) {
    throw unreadable(file, failure)
  }
}

function refuseDuplicates(source: Source, hosts: InventoryFile['hosts']): void {
  const seen = new Map<string, number>()
  for (const [index, { name }] of hosts.entries()) {
    const first = seen.get(name)
    if (first !== undefined) {
      const place = at(source, offsetOf(source.document, ['hosts', index, 'name']))
      throw new InputError(
        `${place}: hosts[${index}].name: expected a name of its own, got "${name}", which is hosts[${first}]`,
      )
    }
    seen.set(name, index)
  }
}

/** Zod leaves `undefined` in optional fields; the inventory's fields are present or absent. */
function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

/** An inventory file's text; `file` is its path, for messages and relative paths. Throws InputError. */
export function parseInventory(text: string, file: string): Inventory {
  const { source, content } = readYaml(text, file)
  const parsed = inventorySchema.safeParse(content)
  if (!parsed.success) {
    throw new InputError(everyProblem(source, parsed.error.issues, content))
  }
  const { etcd = {}, hosts, sshConfig } = parsed.data
  refuseDuplicates(source, hosts)
  const path = (name: string | undefined) => (name === undefined ? undefined : resolve(dirname(file), name))
  const target = etcd as EtcdTarget
  return {
    etcd: defined({ ...target, ca: path(target.ca), cert: path(target.cert), key: path(target.key) }),
    hosts: hosts.map(
      (host) =>
        defined({
          ...host,
          subnetFile: path(host.subnetFile),
          flanneldLog: path(host.flanneldLog),
          dockerSocket: path(host.dockerSocket),
          dockerOptionsFile: path(host.dockerOptionsFile),
          sshConfig: host.via.startsWith('ssh://') ? path(sshConfig) : undefined,
          vagrantFolder: host.via.startsWith('vagrant://') ? resolve(dirname(file)) : undefined,
        }) as HostTarget,
    ),
    complete: true,
  }
}
