/** What a command hands back to the command line: text to print, files to write, exit status. */
import type { Report } from '../../reports/report.ts'
import { InputError } from '../input-error.ts'

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
  const { REPORTERS } = await import('../../reports/registry.ts')
  const files = new Map<string, string>()
  const printed: string[] = []
  for (const format of options.formats.length > 0 ? options.formats : ['text']) {
    const [name = '', ...rest] = format.split('=')
    const reporter = REPORTERS[name]
    if (reporter === undefined) {
      throw new InputError(`--format ${name}: expected one of ${Object.keys(REPORTERS).join(', ')}`)
    }
    const file = rest.join('=')
    const rendered = reporter(report, { color: file === '' && options.color, width: options.width })
    if (file !== '') files.set(file, rendered)
    else printed.push(rendered)
  }
  const hush = options.quiet && report.verdict === 'healthy'
  return { stdout: hush ? '' : printed.join('\n'), files }
}
