/** The certificate for a terminal: verdict, a line per profile, then every clause that is not met. */
import type { ClaimVerdict, ReportClause } from '../document/certificate.ts'
import type { Report, Reporter } from '../document/report.ts'
import { type Canvas, columns, inert, padded, row, rows, style, wrap } from '../layout/canvas.ts'
import { printable } from '../layout/printable.ts'
import { plural } from '../words/subject-text.ts'
import {
  CLAIM_TITLES,
  certificateOf,
  clausesOf,
  countsOf,
  environmentRows,
  placeOf,
  scopeOf,
} from './certificate-lines.ts'

/** Places of one clause that are printed; the rest is counted. */
const PLACES_SHOWN = 4

const PAINT = { conformant: 'green', 'not-conformant': 'red', undecided: 'yellow' } as const

const verdictWord = (verdict: ClaimVerdict, { color }: Canvas): string =>
  style(CLAIM_TITLES[verdict], PAINT[verdict], color)

/** Columns of the table of profiles. */
const COLUMNS = ['met', 'not-met', 'undecided', 'not-tested', 'outside'] as const
const HEADS = ['met', 'not met', 'undecided', 'not tested', 'outside']

function profileTable({ conformance }: Report, canvas: Canvas): string[] {
  const names = conformance.map(({ profile }) => printable(profile))
  const width = Math.max(...names.map(columns), 7)
  const head = `  ${'profile'.padEnd(width)}  ${HEADS.join('  ')}`
  const lines = conformance.map((claim, at) => {
    const counts = countsOf(claim)
    const cells = COLUMNS.map((name, index) => String(counts[name]).padStart(HEADS[index]?.length ?? 0))
    const reason = claim.reason === undefined ? '' : ` (${printable(claim.reason)})`
    return `  ${padded(names[at] ?? '', width)}  ${cells.join('  ')}  ${verdictWord(claim.verdict, canvas)}${reason}`
  })
  return [head, ...lines, '']
}

function clauseTitle({ id, level, says }: ReportClause, canvas: Canvas): string[] {
  const [first = '', ...more] = wrap(printable(`${id} ${level}: ${says}`, 1000), canvas.width - 2)
  return [style(first, 'bold', canvas.color), ...more.map((line) => `  ${line}`)]
}

function brokenLines(clause: ReportClause, canvas: Canvas): string[] {
  const shown = clause.breaches.slice(0, PLACES_SHOWN)
  const rest = clause.breaches.length - shown.length
  return [
    ...clauseTitle(clause, canvas),
    ...row('source', clause.source, canvas),
    ...(clause.reason === undefined ? [] : row('seen', clause.reason, canvas)),
    ...shown.flatMap((breach) => [
      ...row('code', `${breach.code}  ${placeOf(breach)}`, canvas),
      ...row('', breach.message, canvas),
      ...(breach.expected === undefined ? [] : row('expected', breach.expected, canvas)),
      ...(breach.observed === undefined ? [] : row('found', breach.observed, canvas)),
    ]),
    ...(rest > 0 ? row('', `and ${rest} more`, canvas) : []),
    ...[...new Set(shown.map(({ fix }) => fix))].flatMap((fix) => row('fix', fix, canvas)),
    '',
  ]
}

/** `FL-STORE-01 to -10, FL-CONF-01`: numbers that follow each other within an area are told by the first and the last. */
function idsText(ids: readonly string[]): string {
  const runs: { readonly area: string; readonly first: number; last: number }[] = []
  for (const id of ids) {
    const [, area = id, digits = ''] = /^(.*)-(\d+)$/.exec(id) ?? []
    const number = Number(digits)
    const run = runs.at(-1)
    if (run !== undefined && run.area === area && number === run.last + 1) run.last = number
    else runs.push({ area, first: number, last: number })
  }
  const two = (number: number): string => String(number).padStart(2, '0')
  return runs
    .map(({ area, first, last }) =>
      first === last ? `${area}-${two(first)}` : `${area}-${two(first)} to -${two(last)}`,
    )
    .join(', ')
}

/** Clauses of one state, each reason once. */
function reasonLines(label: string, clauses: readonly ReportClause[], canvas: Canvas): string[] {
  const reasons = [...Map.groupBy(clauses, ({ reason }) => reason ?? 'no reason given')]
  const said = reasons.map(([reason, alike]) => `${idsText(alike.map(({ id }) => id))}: ${reason}`)
  return rows(label, said, canvas)
}

function openLines(clauses: readonly ReportClause[], { report, canvas }: Drawn): string[] {
  const of = (status: ReportClause['status']): readonly ReportClause[] =>
    clauses.filter((clause) => clause.status === status)
  return [
    ...rows('etcd', report.datastoreProblems, canvas),
    ...rows('next', report.advice, canvas),
    ...reasonLines('undecided', of('undecided'), canvas),
    ...reasonLines('untested', of('not-tested'), canvas),
  ]
}

interface Drawn {
  readonly report: Report
  readonly canvas: Canvas
}

function environmentLine(report: Report, canvas: Canvas): string[] {
  const parts = environmentRows(certificateOf(report).environment).map(
    ([label, value]) => `${label} ${value}`,
  )
  return row('of', parts.join('; '), canvas)
}

/** Renders the certificate as plain or coloured text. */
export const certificateText: Reporter = (report, canvas) => {
  const clauses = clausesOf(report)
  const { verdict } = certificateOf(report)
  const stopped = report.run.interrupted
  const lines = [
    `${verdictWord(verdict, canvas)}  ${printable(scopeOf(report))}, ${plural(clauses.length, 'clause')} of ${plural(report.conformance.length, 'profile')}`,
    ...(stopped === undefined ? [] : row('stopped', `${stopped}; the certificate is partial`, canvas)),
    '',
    ...profileTable(report, canvas),
    ...clauses.filter(({ status }) => status === 'not-met').flatMap((clause) => brokenLines(clause, canvas)),
    ...openLines(clauses, { report, canvas }),
    ...environmentLine(report, canvas),
  ]
  return `${lines.map(inert).join('\n')}\n`
}
