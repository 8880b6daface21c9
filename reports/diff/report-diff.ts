/** What changed between two reports, and its forms. */

import type { FindingRef, Report, ReportFinding } from '../document/report.ts'
import type { Canvas } from '../layout/canvas.ts'
import { inert, row, rows, style } from '../layout/canvas.ts'
import { markdownCode, markdownText } from '../layout/markdown-escape.ts'
import { printable } from '../layout/printable.ts'
import { codeText, plural } from '../words/subject-text.ts'
import { VERDICT_TITLES } from '../words/verdict-title.ts'

export interface DiffSide {
  /** File or folder. */
  readonly from: string
  readonly verdict: Report['verdict']
  /** When it was collected. */
  readonly at: string
}

export interface DiffFinding
  extends Pick<ReportFinding, 'code' | 'severity' | 'subject' | 'message' | 'waived'> {
  /** The cause that its report names for it; absent for a cause. */
  readonly explainedBy?: FindingRef
}

/** True for a finding that makes the comparison fail where it is new. */
export function isNewFault({ severity, waived }: DiffFinding): boolean {
  return severity !== 'info' && waived === undefined
}

/** What a finding is about makes it the same; its words may have changed. */
export function findingKey({ code, subject: { host, peer, object } }: FindingRef): string {
  return [code, host, peer, object].map((part) => part ?? '').join('\0')
}

/** A finding, and those it explains in the same list. */
export interface FoldedFinding {
  readonly finding: DiffFinding
  readonly symptoms: readonly DiffFinding[]
}

/** Findings in their order, symptoms with their cause where that is among them; none that counts is folded into one that does not. */
export function folded(findings: readonly DiffFinding[]): readonly FoldedFinding[] {
  const causes = new Map(
    findings.flatMap((one) => (one.explainedBy === undefined ? [[findingKey(one), one] as const] : [])),
  )
  const causeOf = (one: DiffFinding): DiffFinding | undefined => {
    const cause = one.explainedBy && causes.get(findingKey(one.explainedBy))
    return cause !== undefined && (isNewFault(cause) || !isNewFault(one)) ? cause : undefined
  }
  const groups = Map.groupBy(findings, (one) => causeOf(one) ?? one)
  return findings
    .filter((one) => causeOf(one) === undefined)
    .map((finding) => ({
      finding,
      symptoms: (groups.get(finding) ?? []).filter((one) => one !== finding),
    }))
}

/** `explains 3 symptoms`, empty where there are none. */
export function explainsText({ symptoms }: FoldedFinding): string {
  return symptoms.length === 0 ? '' : `explains ${plural(symptoms.length, 'symptom')}`
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

function findingText(one: FoldedFinding): string {
  const { severity, message, waived } = one.finding
  const words = [waived === undefined ? severity : 'waived', codeText(one.finding), explainsText(one)]
  return `${message} (${words.filter((word) => word !== '').join(', ')})`
}

const findingTexts = (findings: readonly DiffFinding[]): readonly string[] =>
  limited(folded(findings).map(findingText))

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
    ...rows('new', findingTexts(findings.new), canvas),
    ...rows('fixed', findingTexts(findings.fixed), canvas),
  ]
  return `${lines.map(inert).join('\n')}\n`
}

/** Renders for a terminal. */
export function diffText(diff: ReportDiff, canvas: Canvas): string {
  const unchanged = rows('unchanged', findingTexts(diff.findings.unchanged), canvas)
  return `${changesText(diff, canvas)}${unchanged.map((line) => `${inert(line)}\n`).join('')}`
}

/** Renders as a Markdown page. */
export function diffMarkdown(diff: ReportDiff): string {
  const { before, after, changes, findings } = diff
  const line = ({ message, ...one }: DiffFinding): string =>
    `* ${markdownText(message).markdown} ${markdownCode(codeText(one)).markdown}`
  const items = (findings: readonly DiffFinding[]): readonly string[] =>
    folded(findings).flatMap((one) => [
      [line(one.finding), explainsText(one)].filter((text) => text !== '').join(', '),
      ...limited(one.symptoms.map(line)).map((text) => `  ${text.startsWith('*') ? text : `* ${text}`}`),
    ])
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
    ...section('New', items(findings.new)),
    ...section('Fixed', items(findings.fixed)),
    ...section('Unchanged', items(findings.unchanged)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
