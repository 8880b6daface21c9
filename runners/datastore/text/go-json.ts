/**
 * JSON objects as Go's decoder reads them: field names match without regard to case, the
 * last of several wins, null leaves the default, and a value of another type refuses the
 * whole document.
 */
import { printable } from '../../../reports/layout/printable.ts'

/** A value that Go's decoder would refuse; `message` is one line. */
export class FieldError extends Error {}

/** Fields of a JSON object under their declared names. */
export interface GoObject {
  readonly fields: ReadonlyMap<string, unknown>
  /** Names that match no declared field. */
  readonly unknown: readonly string[]
}

/** Name of a JSON type for messages. */
function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Texts longer than this are not searched for the place of their error. */
const LONGEST_SEARCHED = 65_536
const QUOTED = 60

/** Whether JSON may begin so: what is wrong with it is at most that it stops. */
function mayBegin(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const { message } = error as Error
    const position = / at position (\d+)/.exec(message)?.[1]
    return /^Unexpected end|^Unterminated string/.test(message) || Number(position) === text.length
  }
}

/** Length of the longest beginning that could still become JSON. */
function soundLength(text: string): number {
  let [sound, broken] = [0, text.length]
  while (sound < broken) {
    const middle = Math.ceil((sound + broken) / 2)
    if (mayBegin(text.slice(0, middle))) sound = middle
    else broken = middle - 1
  }
  return sound
}

/** Where a text stops being JSON, as an editor counts, with what stands there. */
function errorPlace(text: string): string {
  const at = text.length > LONGEST_SEARCHED ? 0 : soundLength(text)
  if (at >= text.length) return `its end, which comes too early: after "${printable(text.slice(-QUOTED))}"`
  const lines = text.slice(0, at).split('\n')
  const column = (lines.at(-1) ?? '').length + 1
  return `line ${lines.length}, column ${column}: "${printable(text.slice(at), QUOTED)}"`
}

/** What is wrong with a text that is no JSON. */
function notJson(text: string): string {
  if (text.trim() === '') return 'empty value'
  if (text.startsWith('\u{feff}')) return 'not JSON: it begins with a byte order mark, which Go does not take'
  return `not JSON at ${errorPlace(text)}`
}

/** JSON text to a value. Throws FieldError with the place and a short quote of text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new FieldError(notJson(text))
  }
}

/** The fields of an object; throws FieldError when `value` is not an object. */
export function goObject(value: unknown, names: readonly string[], where: string): GoObject {
  if (typeName(value) !== 'object')
    throw new FieldError(`${where} must be a JSON object, not ${typeName(value)}`)
  const fields = new Map<string, unknown>()
  const unknown: string[] = []
  const declared = new Map(names.map((name) => [name.toLowerCase(), name]))
  for (const [key, field] of Object.entries(value as object)) {
    const name = declared.get(key.toLowerCase())
    if (name === undefined) unknown.push(printable(key, 40))
    else if (field !== null) fields.set(name, field)
  }
  return { fields, unknown }
}

function wrongType(name: string, value: unknown, wanted: string): FieldError {
  return new FieldError(`${name} must be ${wanted}, not ${printable(JSON.stringify(value), 40)}`)
}

/** A text field; undefined when absent. */
export function textField(object: GoObject, name: string): string | undefined {
  const value = object.fields.get(name)
  if (value !== undefined && typeof value !== 'string') throw wrongType(name, value, 'a string')
  return value
}

/** A true/false field; undefined when absent. */
export function flagField(object: GoObject, name: string): boolean | undefined {
  const value = object.fields.get(name)
  if (value !== undefined && typeof value !== 'boolean') throw wrongType(name, value, 'true or false')
  return value
}

/** A whole number from 0 to `max`; undefined when absent. */
export function numberField(object: GoObject, name: string, max: number): number | undefined {
  const value = object.fields.get(name)
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    throw wrongType(name, value, `a whole number from 0 to ${max}`)
  }
  return value
}
