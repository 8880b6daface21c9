/** What a command hands back to the command line: text to print, files to write, exit status. */
import { present } from '../../../checks/model/present.ts'
import type { Report, Reporter } from '../../../reports/document/report.ts'
import type { Format } from '../../../reports/registry.ts'
import { type NamedFormat, namedFormats } from './named-format.ts'

/** Exit status where something of the run itself failed. */
const OWN_ERROR = 3

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
  /** Formats of plugins. */
  readonly reporters?: Readonly<Record<string, Format>>
}

/** One format of a report, a certificate or a measurement. */
export type Renderer<T> = (
  subject: T,
  canvas: { readonly color: boolean; readonly width: number },
) => string | undefined

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

/** The formats asked for, of plugins as well. Throws InputError for an unknown one. */
async function formatsOf({ formats, reporters }: OutputOptions): Promise<readonly NamedFormat<Format>[]> {
  const { REPORTERS } = await import('../../../reports/registry.ts')
  return namedFormats({ ...REPORTERS, ...reporters }, formats)
}

/** Refuses an unknown format before minutes of work. None is loaded yet: hosts are to be asked first. Throws InputError. */
export async function verifyFormats(options: OutputOptions): Promise<void> {
  await formatsOf(options)
}

/** A format that cannot be rendered is left out, and why is kept; of ours none ever is. */
function kept(render: Reporter, failed: unknown[]): Renderer<Report> {
  return (report, canvas) => {
    try {
      return render(report, canvas)
    } catch (error) {
      failed.push(error)
      return undefined
    }
  }
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
  const named = await formatsOf(options)
  const failed: unknown[] = []
  const loaded = await Promise.all(
    named.map(async ({ name, format: { load } }) => [name, kept(await load(), failed)] as const),
  )
  const shown = options.redact ? withoutWords(report) : report
  const rendered = renderWith(Object.fromEntries(loaded), shown, options)
  const isHealthy = report.certificate === undefined ? report.verdict === 'healthy' : exit === 0
  const status = isForMonitor(named)
    ? (await import('../../../reports/programs/nagios.ts')).nagiosExit(report)
    : exit
  const [error] = failed
  return {
    ...rendered,
    ...(options.quiet && isHealthy && { stdout: '' }),
    ...present({ error }),
    exit: error === undefined ? status : status || OWN_ERROR,
  }
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
    if (rendered === undefined) continue
    if (file === undefined) printed.push(rendered)
    else files.set(file, rendered)
  }
  return { stdout: printed.join('\n'), files }
}
