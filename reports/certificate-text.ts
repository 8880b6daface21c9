/** The certificate for a terminal: verdict, a line per profile, then every clause that is not met. */
import type { ClaimVerdict, ReportClause } from './certificate.ts'
import {
  CLAIM_TITLES,
  certificateOf,
  clausesOf,
  countsOf,
  environmentRows,
  placeOf,
  scopeOf,
} from './certificate-lines.ts'
import { type Canvas, columns, inert, padded, row, style, wrap } from './layout.ts'
import { printable } from './printable.ts'
import type { Report, Reporter } from './report.ts'

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
  const rows = conformance.map((claim, at) => {
    const counts = countsOf(claim)
    const cells = COLUMNS.map((name, index) => String(counts[name]).padStart(HEADS[index]?.length ?? 0))
    const reason = claim.reason === undefined ? '' : ` (${printable(claim.reason)})`
    return `  ${padded(names[at] ?? '', width)}  ${cells.join('  ')}  ${verdictWord(claim.verdict, canvas)}${reason}`
  })
  return [head, ...rows, '']
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

function openLines(clauses: readonly ReportClause[], canvas: Canvas): string[] {
  const undecided = clauses.filter(({ status }) => status === 'undecided')
  const untested = clauses.filter(({ status }) => status === 'not-tested')
  const reasons = [...new Set(untested.map(({ reason }) => reason ?? 'not tested'))]
  return [
    ...undecided.flatMap(({ id, level, reason }, index) =>
      row(index === 0 ? 'undecided' : '', `${id} ${level}: ${reason ?? 'no reason given'}`, canvas),
    ),
    ...reasons.flatMap((reason) => {
      const ids = untested.filter((clause) => (clause.reason ?? 'not tested') === reason).map(({ id }) => id)
      return row('untested', `${ids.join(', ')}: ${reason}`, canvas)
    }),
  ]
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
    `${verdictWord(verdict, canvas)}  ${printable(scopeOf(report))}, ${clauses.length} clauses of ${report.conformance.length} profiles`,
    ...(stopped === undefined ? [] : row('stopped', `${stopped}; the certificate is partial`, canvas)),
    '',
    ...profileTable(report, canvas),
    ...clauses.filter(({ status }) => status === 'not-met').flatMap((clause) => brokenLines(clause, canvas)),
    ...openLines(clauses, canvas),
    ...environmentLine(report, canvas),
  ]
  return `${lines.map(inert).join('\n')}\n`
}
