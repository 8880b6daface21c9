/** TAP 14 (testanything.org): a test point per check and host, per followed ping, per clause. */

import type { FailedRunReporter } from '../document/failed-run.ts'
import type { Reporter } from '../document/report.ts'
import { printable } from '../layout/printable.ts'
import { casesOf, type ReportCase } from './cases.ts'

/** A `#` would begin a directive, a backslash an escape. */
const plain = (text: string): string => printable(text, 500).replace(/[\\#]/g, (mark) => `\\${mark}`)

/** A YAML value; what JSON quotes YAML reads alike. */
const quoted = (text: string): string => JSON.stringify(printable(text, 2000))

function diagnostic({ status, kind, message, details }: ReportCase): string[] {
  if (status === 'passed' && details.length === 0) return []
  return [
    '  ---',
    ...(message === undefined ? [] : [`  message: ${quoted(message)}`]),
    `  severity: ${status === 'failed' ? 'fail' : status === 'undecided' ? 'undecided' : 'comment'}`,
    ...(kind === undefined ? [] : [`  code: ${quoted(kind)}`]),
    ...(details.length === 0 ? [] : ['  details:', ...details.map((line) => `    - ${quoted(line)}`)]),
    '  ...',
  ]
}

function point(each: ReportCase, number: number): string[] {
  const { suite, name, host, status, message } = each
  const isNamed = suite === 'conformance' || name.startsWith(`${suite}/`)
  const title = plain(`${isNamed ? name : `${suite}: ${name}`}${host === undefined ? '' : ` on ${host}`}`)
  if (status === 'skipped') return [`ok ${number} - ${title} # SKIP ${plain(message ?? '')}`]
  return [`${status === 'passed' ? 'ok' : 'not ok'} ${number} - ${title}`, ...diagnostic(each)]
}

/** A document of these cases: undecided is not ok, not applicable is skipped. */
export function tapDocument(cases: readonly ReportCase[]): string {
  const points = cases.flatMap((each, at) => point(each, at + 1))
  return `${['TAP version 14', `1..${cases.length}`, ...points].join('\n')}\n`
}

/** Renders one test point per case. */
export const tap: Reporter = (report) => tapDocument(casesOf(report))

/** A run that died bails out. */
export const failedTap: FailedRunReporter = ({ message }) => `TAP version 14\nBail out! ${plain(message)}\n`
