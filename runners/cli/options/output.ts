/** What a command hands back to the command line: text to print, files to write, exit status. */
import type { Report } from '../../../reports/report.ts'
import { namedFormats } from './named-format.ts'

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

/** One format of a report, a certificate or a measurement. */
export type Renderer<T> = (subject: T, canvas: { readonly color: boolean; readonly width: number }) => string

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

/** Renders with a set of reporters, to stdout and files. Throws InputError for an unknown format. */
export function renderWith<T>(
  reporters: Readonly<Record<string, Renderer<T>>>,
  subject: T,
  options: OutputOptions,
): Pick<CommandOutput, 'files'> & { readonly stdout: string } {
  const files = new Map<string, string>()
  const printed: string[] = []
  for (const { format: render, file } of namedFormats(reporters, options.formats)) {
    const rendered = render(subject, { color: file === undefined && options.color, width: options.width })
    if (file === undefined) printed.push(rendered)
    else files.set(file, rendered)
  }
  return { stdout: printed.join('\n'), files }
}
