/** `--format NAME[=FILE]`, read in one place. */
import { resolve } from 'node:path'
import { printable } from '../../../reports/layout/printable.ts'
import { InputError } from '../../input-error.ts'
import type { CommandOutput } from './output.ts'

/** What stands behind a format's name, and where its output goes. */
export interface NamedFormat<T> {
  readonly name: string
  /** Renders it, of whatever kind the command has. */
  readonly format: T
  /** Undefined for stdout. */
  readonly file: string | undefined
}

/** A value of `--format` looked up among those a command knows. Throws InputError for another name or an empty file. */
export function namedFormat<T>(known: Readonly<Record<string, T>>, asked: string): NamedFormat<T> {
  const [name = '', ...rest] = asked.split('=')
  if (!Object.hasOwn(known, name))
    throw new InputError(`--format ${name}: expected one of ${Object.keys(known).join(', ')}`)
  const file = rest.join('=')
  if (rest.length > 0 && file === '') throw new InputError(`--format ${asked}: expected a file behind the =`)
  return { name, format: known[name] as T, file: rest.length === 0 ? undefined : file }
}

/** Two reports on stdout are neither; annotations for GitHub stand between lines of text. */
function refuseMixed(named: readonly NamedFormat<unknown>[]): void {
  const printed = named.flatMap(({ name, file }) => (file === undefined && name !== 'github' ? [name] : []))
  if (printed.length < 2) return
  const [, second] = printed
  throw new InputError(
    `--format: ${printed.join(' and ')} would both be printed; give one a file: ${second}=FILE`,
  )
}

/** Of two reports in one file the first would be lost; devices take both. */
function refuseTwice(named: readonly NamedFormat<unknown>[]): void {
  const files = named.flatMap(({ file }) =>
    file === undefined || file.startsWith('/dev/') ? [] : resolve(file),
  )
  const twice = files.find((file, at) => files.indexOf(file) < at)
  if (twice !== undefined)
    throw new InputError(`--format: ${printable(twice)} is named twice; give each report a file of its own`)
}

/** Every `--format` of a command line; text to stdout where none was given. Throws InputError. */
export function namedFormats<T>(
  known: Readonly<Record<string, T>>,
  asked: readonly string[] | undefined,
): readonly NamedFormat<T>[] {
  const named = (asked && asked.length > 0 ? asked : ['text']).map((one) => namedFormat(known, one))
  refuseTwice(named)
  refuseMixed(named)
  return named
}

/** Renders for every `--format` of a command, to stdout or the file it names. Throws InputError. */
export function renderedAs(
  texts: Readonly<Record<string, () => string>>,
  asked: readonly string[] | undefined,
): Pick<CommandOutput, 'stdout' | 'files'> {
  const named = namedFormats(texts, asked)
  const printed = named.filter(({ file }) => file === undefined)
  return {
    stdout: printed.map(({ format: text }) => text()).join('\n'),
    files: new Map(named.flatMap(({ format: text, file }) => (file === undefined ? [] : [[file, text()]]))),
  }
}
