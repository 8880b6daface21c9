/** The certificate as Markdown, to be kept or published. Values from hosts are escaped. */
import type { ReportClaim, ReportClause } from '../document/certificate.ts'
import type { Reporter } from '../document/report.ts'
import { markdownText } from '../layout/markdown-escape.ts'
import { markdownTable } from '../layout/markdown-table.ts'
import {
  CLAIM_TITLES,
  certificateOf,
  clausesOf,
  countsOf,
  environmentRows,
  placeOf,
  scopeOf,
} from './certificate-lines.ts'

const plain = (text: string): string => markdownText(text).markdown

function profileRow(claim: ReportClaim): readonly (string | number)[] {
  const counts = countsOf(claim)
  const numbers = [counts.met, counts['not-met'], counts.undecided, counts['not-tested'], counts.outside]
  const reason = claim.reason === undefined ? '' : ` (${claim.reason})`
  return [claim.profile, `${CLAIM_TITLES[claim.verdict].toLowerCase()}${reason}`, ...numbers]
}

function clauseRow({ id, level, status, says, source }: ReportClause): readonly string[] {
  return [id, level, status.replace('-', ' '), says, source]
}

function brokenLines(clause: ReportClause): string[] {
  return [
    `### ${clause.id}`,
    '',
    plain(clause.says),
    '',
    ...(clause.reason === undefined ? [] : [`* seen: ${plain(clause.reason)}`]),
    ...clause.breaches.flatMap((breach) => [
      `* ${plain(breach.code)}, ${plain(placeOf(breach))}: ${plain(breach.message)}`,
      ...(breach.expected === undefined ? [] : [`  * expected: ${plain(breach.expected)}`]),
      ...(breach.observed === undefined ? [] : [`  * found: ${plain(breach.observed)}`]),
      `  * fix: ${plain(breach.fix)}`,
    ]),
    '',
  ]
}

function openLine({ id, level, status, reason }: ReportClause): string {
  return `* ${id} ${level}, ${status.replace('-', ' ')}: ${plain(reason ?? 'no reason given')}`
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, '']
}

/** Renders the certificate as a Markdown page. */
export const certificateMarkdown: Reporter = (report) => {
  const { verdict, environment } = certificateOf(report)
  const clauses = clausesOf(report)
  const broken = clauses.filter(({ status }) => status === 'not-met')
  const open = clauses.filter(({ status }) => status === 'undecided' || status === 'not-tested')
  const lines = [
    `# flannel conformance: ${CLAIM_TITLES[verdict].toLowerCase()}`,
    '',
    `Claimed: ${scopeOf(report)}.`,
    '',
    ...markdownTable(
      ['profile', 'verdict', 'met', 'not met', 'undecided', 'not tested', 'outside'],
      report.conformance.map(profileRow),
    ),
    '',
    ...section('Not met', broken.flatMap(brokenLines).slice(0, -1)),
    ...section('Undecided or not tested', open.map(openLine)),
    ...section('Environment', markdownTable(['what', 'value'], environmentRows(environment))),
    ...section(
      'Clauses',
      markdownTable(['clause', 'level', 'status', 'says', 'source'], clauses.map(clauseRow)),
    ),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
