/**
 * JSON objects as Go's decoder reads them: field names match without regard to case, the
 * last of several wins, null leaves the default, and a value of another type refuses the
 * whole document.
 */
import { printable } from '../../reports/printable.ts'

/** A value that Go's decoder would refuse; `message` is one line. */
export class FieldError extends Error {}

/** Fields of a JSON object under their declared names. */
export interface GoObject {
  readonly fields: ReadonlyMap<string, unknown>
  /** Names that match no declared field. */
  readonly unknown: readonly string[]
}

/** Name of a JSON type for messages. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Where in the text the parser stopped, as V8 says it; it does not for short texts, which are quoted whole. */
function stoppedAt(text: string, error: unknown): number | undefined {
  const digits = /at position (\d+)/.exec((error as Error).message)?.[1]
  const position = digits === undefined ? undefined : Number(digits)
  return position === undefined || position >= text.length ? undefined : position
}

function notJson(text: string, error: unknown): string {
  if (text.trim() === '') return 'empty value'
  if (text.startsWith('\ufeff')) return `not JSON: it begins with a byte order mark: "${printable(text, 60)}"`
  const position = stoppedAt(text, error)
  if (position === undefined) return `not JSON: "${printable(text, 60)}"`
  const lines = text.slice(0, position).split('\n')
  const place = `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`
  return `not JSON at ${place}: "${printable(text.slice(position), 60)}"`
}

/** JSON text to a value. Throws FieldError with place and a short quote of text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FieldError(notJson(text, error))
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
