/** What changed between two reports, and its forms. */

import type { Canvas } from './layout.ts'
import { inert, row, rows, style } from './layout.ts'
import { markdownCode, markdownText } from './markdown-escape.ts'
import { printable } from './printable.ts'
import type { Report, ReportFinding } from './report.ts'
import { codeText, plural, subjectText } from './subject-text.ts'
import { VERDICT_TITLES } from './verdict-title.ts'

export interface DiffSide {
  /** File or folder. */
  readonly from: string
  readonly verdict: Report['verdict']
  /** When it was collected. */
  readonly at: string
}

export type DiffFinding = Pick<ReportFinding, 'code' | 'severity' | 'subject' | 'message' | 'waived'>

/** True for a finding that makes the comparison fail where it is new. */
export function isNewFault({ severity, waived }: DiffFinding): boolean {
  return severity !== 'info' && waived === undefined
}

export interface ReportDiff {
  readonly schemaVersion: 1
  /** Of the tool that compared. */
  readonly version: string
  readonly before: DiffSide
  readonly after: DiffSide
  /** Configuration, leases, hosts and, of two saved states, their kernels and files that are other than before, one sentence each. */
  readonly changes: readonly string[]
  readonly findings: {
    readonly new: readonly DiffFinding[]
    readonly fixed: readonly DiffFinding[]
    readonly unchanged: readonly DiffFinding[]
  }
}

/** Of one kind that are printed. */
const SHOWN = 30

function findingText(finding: DiffFinding): string {
  const { severity, message, waived } = finding
  return `${message} (${waived === undefined ? severity : 'waived'}, ${codeText(finding)})`
}

function limited(items: readonly string[]): readonly string[] {
  const rest = items.length - SHOWN
  return rest > 0 ? [...items.slice(0, SHOWN), `and ${rest} more`] : items
}

/** Both verdicts and how many findings are new, fixed and unchanged. */
export function headline({ before, after, findings }: ReportDiff): string {
  const verdicts = `${VERDICT_TITLES[before.verdict].title} → ${VERDICT_TITLES[after.verdict].title}`
  return `${verdicts}  ${plural(findings.new.length, 'new finding')}, ${findings.fixed.length} fixed, ${findings.unchanged.length} unchanged`
}

/** Renders for a terminal what is other than before. */
export function changesText(diff: ReportDiff, canvas: Canvas): string {
  const { before, after, changes, findings } = diff
  const paint = findings.new.some(isNewFault) ? 'red' : 'green'
  const lines = [
    style(printable(headline(diff), 500), paint, canvas.color),
    ...row('before', `${before.from}, ${before.at}`, canvas),
    ...row('after', `${after.from}, ${after.at}`, canvas),
    '',
    ...rows('changed', limited(changes), canvas),
    ...rows('new', limited(findings.new.map(findingText)), canvas),
    ...rows('fixed', limited(findings.fixed.map(findingText)), canvas),
  ]
  return `${lines.map(inert).join('\n')}\n`
}

/** Renders for a terminal. */
export function diffText(diff: ReportDiff, canvas: Canvas): string {
  const unchanged = rows('unchanged', limited(diff.findings.unchanged.map(findingText)), canvas)
  return `${changesText(diff, canvas)}${unchanged.map((line) => `${inert(line)}\n`).join('')}`
}

/** Renders as a Markdown page. */
export function diffMarkdown(diff: ReportDiff): string {
  const { before, after, changes, findings } = diff
  const item = ({ code, message, subject }: DiffFinding): string =>
    `* ${markdownText(message).markdown} ${markdownCode(`${code}  ${subjectText(subject)}`.trimEnd()).markdown}`
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`## ${title}`, '', ...lines, '']
  const lines = [
    `# flannel: ${markdownText(headline(diff)).markdown}`,
    '',
    `From ${markdownCode(`${before.from}, ${before.at}`).markdown} to ${markdownCode(`${after.from}, ${after.at}`).markdown}.`,
    '',
    ...section(
      'Changed',
      limited(changes).map((change) => `* ${markdownText(change).markdown}`),
    ),
    ...section('New', findings.new.map(item)),
    ...section('Fixed', findings.fixed.map(item)),
    ...section('Unchanged', findings.unchanged.map(item)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
