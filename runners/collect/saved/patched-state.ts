/**
 * A saved state as one file: a few lines that say what it is, then what differs from another state, as diff(1) writes
 * it. What a fault changes is seen in it at a glance.
 */
import { dirname, resolve } from 'node:path'
import {
  applyPatch,
  FILE_HEADERS_ONLY,
  formatPatch,
  parsePatch,
  type StructuredPatch,
  structuredPatch,
} from 'diff'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { FileProblem, readRegularFile } from '../../files/read-regular-file.ts'
import { loadState, type SavedState } from './saved-state.ts'
import { STATE_SCHEMA_VERSION, StateError } from './state-meta.ts'
import { type StateTexts, stateOf, textsOf } from './state-texts.ts'

/** Lines around a change that are repeated, so that the link or chain is seen to which it belongs. */
const CONTEXT = 3
/** In place of a file that one side lacks, as diff(1) and git name it. */
const NOTHING = '/dev/null'

const HEAD = z.looseObject({
  /** The state it differs from, a folder beside it. */
  base: z.string().regex(/^[\w.-]+$/),
  at: z.iso.datetime(),
  note: z.string(),
})

/** The lines on top; what else stands there is the writer's. */
export type PatchHead = z.infer<typeof HEAD>

function difference(
  path: string,
  before: string | undefined,
  after: string | undefined,
): StructuredPatch | undefined {
  if (before === after) return undefined
  const names = [before === undefined ? NOTHING : path, after === undefined ? NOTHING : path] as const
  return structuredPatch(...names, before ?? '', after ?? '', undefined, undefined, { context: CONTEXT })
}

/** The file's text. */
export function patchText(head: PatchHead, base: StateTexts, state: StateTexts): string {
  const paths = [...new Set([...base.keys(), ...state.keys()])].toSorted()
  const changes = paths.flatMap((path) => difference(path, base.get(path), state.get(path)) ?? [])
  const top = stringify(head, { lineWidth: 0 })
  return `${top}\n${formatPatch(changes, FILE_HEADERS_ONLY)}`
}

/** Where the first change begins. */
const CHANGES = /^--- /m

function headOf(text: string, path: string): { readonly head: PatchHead; readonly changes: string } {
  const at = CHANGES.exec(text)?.index ?? text.length
  let value: unknown
  try {
    value = parse(text.slice(0, at), { logLevel: 'error' })
  } catch (error) {
    throw new StateError(path, 'YAML before the first change', (error as Error).message.split('\n')[0] ?? '')
  }
  const { data, error } = HEAD.safeParse(value)
  if (data !== undefined) return { head: data, changes: text.slice(at) }
  const [issue] = error.issues
  throw new StateError(`${path}: ${issue?.path.join('.')}`, 'base, at and note', issue?.message ?? 'nothing')
}

function changed(
  base: StateTexts,
  change: StructuredPatch,
  path: string,
): readonly [string, string | undefined] {
  const { oldFileName = NOTHING, newFileName = NOTHING } = change
  const name = oldFileName === NOTHING ? newFileName : oldFileName
  const text = applyPatch(base.get(name) ?? '', change, { fuzzFactor: 0, autoConvertLineEndings: false })
  if (text === false)
    throw new StateError(`${path}: ${name}`, 'a change of what the base holds', 'another text there')
  return [name, newFileName === NOTHING ? undefined : text]
}

/** What such a text says: the lines on top and the changes. Throws StateError. */
export function patchOf(
  text: string,
  path: string,
): { readonly head: PatchHead; readonly changes: readonly StructuredPatch[] } {
  const { head, changes } = headOf(text, path)
  try {
    return { head, changes: changes === '' ? [] : parsePatch(changes) }
  } catch (error) {
    throw new StateError(path, 'changes as diff writes them', (error as Error).message)
  }
}

/** A file beyond this is no difference any more, bytes. */
const MOST_BYTES = 4 * 1024 * 1024

function readPatch(path: string): ReturnType<typeof patchOf> {
  try {
    return patchOf(readRegularFile(path, { mostBytes: MOST_BYTES }).toString('utf8'), path)
  } catch (error) {
    if (error instanceof FileProblem) throw new StateError(path, 'a saved state', error.message)
    throw error
  }
}

/** The lines on top of such a file. Throws StateError when it has none. */
export function patchHead(path: string): PatchHead {
  return readPatch(path).head
}

/** The state that such a file tells together with its base. Throws StateError when it tells none. */
export function loadPatch(path: string): SavedState {
  const { head, changes } = readPatch(path)
  const { at, note } = head
  const base = textsOf(loadState(resolve(dirname(path), head.base)))
  const files = new Map(base)
  for (const change of changes) {
    const [name, after] = changed(base, change, path)
    if (after === undefined) files.delete(name)
    else files.set(name, after)
  }
  const own = {
    schemaVersion: STATE_SCHEMA_VERSION,
    kind: 'recorded',
    tool: 'flannel-doctor',
    at,
    note,
  } as const
  return stateOf(files, own, path)
}
