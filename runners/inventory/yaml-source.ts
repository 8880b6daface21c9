/** The text of a YAML or JSON file that a user wrote, with the places of its values; bounded in depth and aliases. */
import { type Document, LineCounter, parseDocument } from 'yaml'
import { printable } from '../../reports/layout/printable.ts'
import { refuseDeep } from '../files/yaml-depth.ts'
import { InputError } from '../input-error.ts'

/** A file and what is known of it, for messages. */
export interface Source {
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
  /** What the file is: `an inventory`. */
  readonly kind: string
}

/** `FILE:LINE:COLUMN` */
export function at({ file, lines }: Pick<Source, 'file' | 'lines'>, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${printable(file)}:${line}:${col}`
}

/** What the parser throws instead of reporting it, in a line; the recursion of its own ends a deep nesting. */
function unreadable(file: string, kind: string, failure: unknown): InputError {
  const said = failure instanceof RangeError ? 'nested too deeply' : (failure as Error).message
  return new InputError(
    `${printable(file)}: expected ${kind}, got YAML that cannot be read: ${printable(said)}`,
  )
}

function parseYaml(text: string, lines: LineCounter): Document {
  refuseDeep(text)
  return parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
}

function contentOf(source: Source): unknown {
  const { document, file, kind } = source
  const [error] = document.errors
  if (error === undefined) {
    try {
      return document.toJS({ maxAliasCount: 100 })
    } catch (failure) {
      throw unreadable(file, kind, failure)
    }
  }
  const said = /call stack/.test(error.message) ? 'nested too deeply' : error.message
  throw new InputError(`${at(source, error.pos[0])}: ${printable(said)}`)
}

/** Reads the text; `kind` says in messages what was expected: `an inventory`. Throws InputError. */
export function readYaml(
  text: string,
  file: string,
  kind: string,
): { readonly source: Source; readonly content: unknown } {
  const lines = new LineCounter()
  let document: Document
  try {
    document = parseYaml(text, lines)
  } catch (failure) {
    throw unreadable(file, kind, failure)
  }
  const source = { file, document, lines, kind }
  return { source, content: contentOf(source) }
}
