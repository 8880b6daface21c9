/** The report for a ticket: verdict, each cause with proof and fix, what is undecided, and the figures. */

import { certificateMarkdown } from '../certificate/certificate-markdown.ts'
import type { Report, ReportCause, Reporter, ReportTrace } from '../document/report.ts'
import {
  type Markdown,
  markdown,
  markdownBlock,
  markdownCode,
  markdownInline,
  markdownText,
} from '../layout/markdown-escape.ts'
import { markdownTable } from '../layout/markdown-table.ts'
import { printable } from '../layout/printable.ts'
import { type CauseGroup, causeGroups, groupRemedy } from '../words/cause-groups.ts'
import { codeSpans } from '../words/code-spans.ts'
import { fixPlace } from '../words/fix-place.ts'
import { hostsText, placesText } from '../words/host-names.ts'
import { plural, subjectText } from '../words/subject-text.ts'
import { pathText, pingText } from '../words/trace-text.ts'
import { undecidedOf } from '../words/undecided.ts'
import { networkText, VERDICT_TITLES } from '../words/verdict-title.ts'
import { waivedLines } from '../words/waived-text.ts'

/** Of one cause, or of one list. */
const SHOWN = 12

const line = (text: string): string => markdownText(text).markdown

function listed(items: readonly Markdown[]): string[] {
  const rest = items.length - SHOWN
  return [
    ...items.slice(0, SHOWN).map((item) => `* ${item.markdown}`),
    ...(rest > 0 ? [`* and ${rest} more`] : []),
    '',
  ]
}

function comparison({ expected, observed }: ReportCause): string[] {
  if (expected === undefined && observed === undefined) return []
  const cell = (text: string | undefined): Markdown | string => (text === undefined ? '' : markdownCode(text))
  return [...markdownTable(['expected', 'found'], [[cell(expected), cell(observed)]]), '']
}

function proofLines({ evidence }: ReportCause): string[] {
  if (evidence.length === 0) return []
  const lines = evidence
    .slice(0, 3)
    .flatMap(({ typed, excerpt, derived }) => [
      `# ${printable(typed, 400)}${derived ? '  (concluded from it)' : ''}`,
      ...excerpt.split('\n').slice(0, 6),
    ])
  return ['Proof:', '', ...markdownBlock(lines, 'console'), '']
}

/** Commands as a block to copy. */
function pasteLines(fixes: ReportCause['fixes']): string[] {
  if (fixes.length === 0) return []
  const lines = fixes.flatMap((fix) => [`# ${fixPlace(fix)}: ${fix.effect}`, fix.typed])
  return [...markdownBlock(lines, 'sh'), '']
}

/** What is to be typed as code, which no sign in it ends. */
function remedyText(remedy: string): string {
  const parts = codeSpans(remedy).map(({ text, isCode }) =>
    isCode ? markdownCode(text) : markdownInline(text),
  )
  return parts.map(({ markdown: part }) => part).join('')
}

function causeLines(group: CauseGroup, rank: number): string[] {
  const { first: cause, subjects, causes } = group
  const { message, code, severity, agreement } = cause
  const where = causes.length === 1 ? subjectText(cause.subject) : placesText(subjects)
  const explains = causes.flatMap((each) => each.explains)
  return [
    `### ${rank}. ${line(message)}`,
    '',
    markdown`${markdownCode(code)}${where === '' ? '' : ' on '}${where === '' ? '' : markdownCode(where)}, ${severity}, ${agreement === 'predicted-only' ? 'from collected state' : agreement}`
      .markdown,
    '',
    ...comparison(cause),
    ...proofLines(cause),
    `**Fix:** ${remedyText(groupRemedy(group))}`,
    '',
    ...pasteLines(causes.flatMap(({ fixes }) => fixes)),
    ...(explains.length === 0 ? [] : [`Explains ${plural(explains.length, 'symptom')}:`, '']),
    ...(explains.length === 0
      ? []
      : listed(explains.map((each) => markdownCode(`${each.code}  ${subjectText(each.subject)}`.trimEnd())))),
  ]
}

function traceLines(traces: readonly ReportTrace[]): string[] {
  if (traces.length === 0) return []
  return [
    '## The ping',
    '',
    ...traces.flatMap((trace) => [
      `${trace.direction === 'request' ? 'Request' : 'Reply'}: ${line(trace.says)}`,
      '',
      ...markdownBlock([pathText(trace), pingText(trace)]),
      '',
    ]),
  ]
}

function undecidedItems(report: Report): Markdown[] {
  return undecidedOf(report).map(({ reason, hosts, checks }) => {
    const where = hosts.length === 0 ? '' : `${hostsText(hosts)}: `
    return markdownText(`${where}${reason}${checks.length === 0 ? '' : ` (${checks.join(', ')})`}`)
  })
}

function layerRows({ results }: Report): (string | number)[][] {
  const layers = Map.groupBy(results, ({ check }) => check.split('/')[0] ?? check)
  return [...layers].map(([layer, all]) => [
    layer,
    ...['pass', 'fail', 'inconclusive', 'not-applicable', 'error'].map(
      (outcome) => all.filter((each) => each.outcome === outcome).length,
    ),
  ])
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines]
}

function reportMarkdown(report: Report): string {
  const faults = causeGroups(report.causes.filter(({ severity }) => severity !== 'info'))
  const infos = report.causes.filter(({ severity }) => severity === 'info')
  const undecided = undecidedItems(report)
  const waived = waivedLines(report).map(markdownText)
  const { run } = report
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' })
  const heads = ['passed', 'failed', 'undecided', 'not applicable', 'errors'].map(right)
  const lines = [
    `# flannel: ${VERDICT_TITLES[report.verdict].title.toLowerCase()}`,
    '',
    line(
      `${networkText(report)}; ${plural(report.hosts.length, 'host')}, ${run.tool} ${run.version}, ${run.startedAt}`,
    ),
    '',
    ...(report.advice.length === 0 ? [] : [...report.advice.map((each) => `* ${line(each)}`), '']),
    ...traceLines(report.traces),
    ...section(
      'Causes',
      faults.flatMap((group, at) => causeLines(group, at + 1)),
    ),
    ...section('Undecided', undecided.length === 0 ? [] : listed(undecided)),
    ...section('Notes', infos.length === 0 ? [] : listed(infos.map(({ message }) => markdownText(message)))),
    ...section('Waived', waived.length === 0 ? [] : listed(waived)),
    ...section('Checked', [...markdownTable(['layer', ...heads], layerRows(report)), '']),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** Renders the report, or the certificate where there is one, as Markdown. */
export const markdownReport: Reporter = (report, canvas) =>
  report.certificate === undefined ? reportMarkdown(report) : certificateMarkdown(report, canvas)
