/** What is wrong with an inventory file, with the place of each problem in its text. */
import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml'
import type { z } from 'zod'
import { printable } from '../../reports/printable.ts'
import { nearestName } from '../nearest-name.ts'
import { KNOWN_KEYS } from './schema.ts'

type Path = readonly PropertyKey[]

export interface Source {
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

/** `FILE:LINE:COLUMN` */
export function at({ file, lines }: Source, offset: number): string {
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
export function everyProblem(source: Source, issues: readonly z.core.$ZodIssue[], content: unknown): string {
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
