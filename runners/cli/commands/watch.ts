/** `check --watch`: the first report whole, then what changes, and the last report at the end; files are always of the last look. */
import { TRANSIENT } from '../../../checks/diagnosis/transient.ts'
import { DIFF_FORMATS } from '../../../reports/diff/diff-formats.ts'
import { changesText, type ReportDiff } from '../../../reports/diff/report-diff.ts'
import { exitCode } from '../../../reports/document/exit-code.ts'
import type { Report } from '../../../reports/document/report.ts'
import { diffReports } from '../../run/compared/diff-reports.ts'
import { watchNetwork } from '../../run/repeated/watch-network.ts'
import type { FinishedRun } from '../../run/run-inventory.ts'
import { ownVersion } from '../../version.ts'
import { namedFormats } from '../options/named-format.ts'
import type { Surroundings } from '../options/options.ts'
import { type CommandOutput, type OutputOptions, renderReport, renderWith } from '../options/output.ts'

const CHANGES = { ...DIFF_FORMATS, text: changesText }

export interface WatchSettings {
  readonly output: OutputOptions
  readonly around: Surroundings
  readonly everyMs: number
}

/** What passed by itself is no news. */
function lasting(report: Report): Report {
  const results = report.results.map((result) => ({
    ...result,
    findings: result.findings.filter(({ waived }) => waived?.reason !== TRANSIENT),
  }))
  return { ...report, results }
}

function isNews({ before, after, changes, findings }: ReportDiff): boolean {
  return before.verdict !== after.verdict || changes.length + findings.new.length + findings.fixed.length > 0
}

/** What is printed of a look; nothing where it found what the one before did. */
function printedChanges(report: Report, before: Report, output: OutputOptions): string {
  const [was, is] = [lasting(before), lasting(report)]
  const diff = diffReports(
    { from: 'the look before', report: was },
    { from: 'this look', report: is },
    ownVersion(),
  )
  const formats = printedFormats(output)
  return isNews(diff) && formats.length > 0 ? renderWith(CHANGES, diff, { ...output, formats }).stdout : ''
}

/** Formats that go to stdout. Throws InputError for one that has no form for changes. */
function printedFormats({ formats }: OutputOptions): readonly string[] {
  const asked = formats.length > 0 ? formats : ['text']
  const printed = asked.filter((format) => !format.includes('='))
  namedFormats(CHANGES, printed.length > 0 ? printed : ['text'])
  return printed
}

/** Looks until a signal ends it. Throws InputError as the first look does; what later ones meet is said and looked at again. */
export async function watch(
  look: (known: Report | undefined) => Promise<FinishedRun>,
  { output, around, everyMs }: WatchSettings,
): Promise<CommandOutput> {
  printedFormats(output)
  const orSay = async <T>(isFirst: boolean, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (isFirst) throw error
      around.say(`this look: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  const last = await watchNetwork({
    everyMs,
    signal: around.signal,
    look: (known) => orSay(known === undefined, () => look(known)),
    tell: (report, before) =>
      orSay(before === undefined, async () => {
        const whole = await renderReport(report, output, exitCode(report))
        const stdout = before === undefined ? whole.stdout : printedChanges(report, before, output)
        await around.finish(Promise.resolve({ ...whole, stdout }))
      }),
  })
  if (last === undefined) return { stdout: '', exit: 0 }
  return renderReport(last, output, exitCode(last))
}
