/** The text of an inventory file to an inventory. */
import { dirname, resolve } from 'node:path'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { printable } from '../../reports/printable.ts'
import { InputError } from '../input-error.ts'
import type { EtcdTarget, HostTarget, Inventory } from './inventory.ts'
import { at, everyProblem, offsetOf, type Source } from './problems.ts'
import { type InventoryFile, inventorySchema } from './schema.ts'

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
