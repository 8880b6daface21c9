/** What is wrong with a file that a user wrote, with the place of each problem in its text. */
import { type Document, isMap, isNode, isScalar } from 'yaml'
import type { z } from 'zod'
import { printable } from '../../reports/layout/printable.ts'
import { nearestName } from '../nearest-name.ts'
import { at, type Source } from './yaml-source.ts'

type Path = readonly PropertyKey[]

/** A file, and the keys that each part of it may have, by the name of the part; `''` is the whole. */
export interface KeyedSource extends Source {
  readonly keys: Readonly<Record<string, readonly string[]>>
}

/** `hosts[0].via` */
function fieldName(path: Path): string {
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return printable(name.replace(/^\./, ''))
}

/** Offset of the value at `path`, or of its nearest ancestor where it is missing. */
export function offsetOf(document: Document, path: Path): number {
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

/** Keys that the mapping at `path` may have. */
function knownKeys({ keys }: KeyedSource, path: Path): readonly string[] {
  return keys[String([...path].reverse().find((step) => typeof step === 'string') ?? '')] ?? []
}

function nearestKey(source: KeyedSource, path: Path, key: string): string | undefined {
  return nearestName(key, knownKeys(source, path))
}

function unknownKey(source: KeyedSource, path: Path, key: string): string {
  const known = knownKeys(source, path)
  const near = nearestKey(source, path, key)
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

function describe(source: KeyedSource, issue: z.core.$ZodIssue, content: unknown): readonly string[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(source, path, key))
  const last = path.at(-1) ?? ''
  const got = SECRET.has(last) ? 'something else' : shown(valueAt(content, path))
  const field = path.length === 0 ? source.kind.replace(/^an? /, '') : fieldName(path)
  return [`${at(source, offsetOf(source.document, path))}: ${field}: expected ${issue.message}, got ${got}`]
}

const MOST_PROBLEMS = 20

/** The key that an unknown one was meant to be, with the path of its mapping: it is not missing besides. */
function meantKeys(source: KeyedSource, issues: readonly z.core.$ZodIssue[]): ReadonlySet<string> {
  return new Set(
    issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return []
      return issue.keys.map((key) => fieldName([...issue.path, nearestKey(source, issue.path, key) ?? key]))
    }),
  )
}

/** All that is wrong, in the order of the lines, each once. */
export function everyProblem(
  source: KeyedSource,
  issues: readonly z.core.$ZodIssue[],
  content: unknown,
): string {
  const meant = meantKeys(source, issues)
  const isMisspelt = ({ path }: z.core.$ZodIssue): boolean =>
    valueAt(content, path) === undefined && meant.has(fieldName(path))
  const told = issues
    .filter((issue) => !isMisspelt(issue))
    .toSorted((a, b) => offsetOf(source.document, a.path) - offsetOf(source.document, b.path))
    .flatMap((issue) => describe(source, issue, content))
  const rest = told.length > MOST_PROBLEMS ? ` (and ${told.length - MOST_PROBLEMS} more)` : ''
  return `${told.slice(0, MOST_PROBLEMS).join('; ')}${rest}`
}
