/** What a command hands back to the command line: text to print, files to write, exit status. */
import type { Report } from '../../../reports/report.ts'
import { type NamedFormat, namedFormats } from './named-format.ts'

export interface CommandOutput {
  readonly stdout: string
  readonly exit: number
  /** Files to write, path to content. */
  readonly files?: ReadonlyMap<string, string>
  /** What ended the command; it is said after everything else was written. */
  readonly error?: unknown
}

/** How to render. `formats` are NAME or NAME=FILE as given. */
export interface OutputOptions {
  readonly formats: readonly string[]
  readonly color: boolean
  readonly width: number
  readonly quiet: boolean
  /** Of a report without what names its network. */
  readonly redact: boolean
}

/** One format of a report, a certificate or a measurement. */
export type Renderer<T> = (subject: T, canvas: { readonly color: boolean; readonly width: number }) => string

/** Says one line of progress to the person waiting (stderr). */
export type Say = (line: string) => void

/** A report to be shown to strangers: the words of the command line and the place of a state name the network too. */
function withoutWords(report: Report): Report {
  const { recorded, ...run } = report.run
  return {
    ...report,
    run: {
      ...run,
      argv: [],
      ...(recorded !== undefined && { recorded: { ...recorded, from: 'a redacted state' } }),
    },
  }
}

/** Refuses an unknown format before minutes of work. Throws InputError. */
export async function verifyFormats({ formats }: OutputOptions): Promise<void> {
  namedFormats((await import('../../../reports/registry.ts')).REPORTERS, formats)
}

/** What is printed under the rules of monitoring plugins ends with their exit status. */
export function isForMonitor(named: readonly NamedFormat<unknown>[]): boolean {
  return named.some(({ name, file }) => name === 'nagios' && file === undefined)
}

/** Renders a report in every requested format; `exit` is its exit status. Throws InputError for an unknown format. */
export async function renderReport(
  report: Report,
  options: OutputOptions,
  exit: number,
): Promise<CommandOutput> {
  const { REPORTERS } = await import('../../../reports/registry.ts')
  const named = namedFormats(REPORTERS, options.formats)
  const loaded = await Promise.all(
    named.map(async ({ name, format: { load } }) => [name, await load()] as const),
  )
  const shown = options.redact ? withoutWords(report) : report
  const rendered = renderWith(Object.fromEntries(loaded), shown, options)
  const isHealthy = report.certificate === undefined ? report.verdict === 'healthy' : exit === 0
  const status = isForMonitor(named) ? (await import('../../../reports/nagios.ts')).nagiosExit(report) : exit
  return { ...rendered, ...(options.quiet && isHealthy && { stdout: '' }), exit: status }
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
