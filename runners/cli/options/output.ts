/** What a command hands back to the command line: text to print, files to write, exit status. */
import type { Report, Reporter } from '../../../reports/report.ts'
import { InputError } from '../../input-error.ts'

export interface CommandOutput {
  readonly stdout: string
  readonly exit: number
  /** Files to write, path to content. */
  readonly files?: ReadonlyMap<string, string>
}

/** How to render. `formats` are NAME or NAME=FILE as given. */
export interface OutputOptions {
  readonly formats: readonly string[]
  readonly color: boolean
  readonly width: number
  readonly quiet: boolean
}

/** Says one line of progress to the person waiting (stderr). */
export type Say = (line: string) => void

/** Renders a report in every requested format. Throws InputError for an unknown format. */
export async function renderReport(
  report: Report,
  options: OutputOptions,
): Promise<Pick<CommandOutput, 'stdout' | 'files'>> {
  const { REPORTERS } = await import('../../../reports/registry.ts')
  const rendered = renderWith(REPORTERS, report, options)
  const hush = options.quiet && report.verdict === 'healthy'
  return { ...rendered, ...(hush && { stdout: '' }) }
}

/** The reporter of a `--format` value. Throws InputError for an unknown format. */
export function reporterFor(reporters: Readonly<Record<string, Reporter>>, format: string): Reporter {
  const [name = ''] = format.split('=')
  const reporter = Object.hasOwn(reporters, name) ? reporters[name] : undefined
  if (reporter === undefined)
    throw new InputError(`--format ${name}: expected one of ${Object.keys(reporters).join(', ')}`)
  return reporter
}

/** Renders with a set of reporters, to stdout and files. Throws InputError for an unknown format. */
export function renderWith(
  reporters: Readonly<Record<string, Reporter>>,
  report: Report,
  options: OutputOptions,
): Pick<CommandOutput, 'files'> & { readonly stdout: string } {
  const files = new Map<string, string>()
  const printed: string[] = []
  for (const format of options.formats.length > 0 ? options.formats : ['text']) {
    const reporter = reporterFor(reporters, format)
    const [, ...rest] = format.split('=')
    const file = rest.join('=')
    const rendered = reporter(report, { color: file === '' && options.color, width: options.width })
    if (file !== '') files.set(file, rendered)
    else printed.push(rendered)
  }
  return { stdout: printed.join('\n'), files }
}
