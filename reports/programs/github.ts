/** Annotations of GitHub Actions: workflow commands, one per cause. */
import { isLost } from '../document/exit-code.ts'
import type { FailedRunReporter } from '../document/failed-run.ts'
import type { Report, ReportCause, Reporter } from '../document/report.ts'
import { printable } from '../layout/printable.ts'
import { hostsText } from '../words/host-names.ts'
import { subjectText } from '../words/subject-text.ts'
import { undecidedOf } from '../words/undecided.ts'
import { waivedLines } from '../words/waived-text.ts'

/** More of one kind are not shown by GitHub for one step. */
const ANNOTATIONS = 10

export const ANNOTATION_KINDS = { critical: 'error', warning: 'warning', info: 'notice' } as const

const data = (text: string): string => printable(text, 1000).replaceAll('%', '%25')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** One workflow command; its lines are escaped. */
export function annotation(
  kind: 'error' | 'warning' | 'notice',
  title: string,
  lines: readonly string[],
): string {
  return `::${kind} title=${property(title)}::${lines.map(data).join('%0A')}`
}

function causeAnnotation(cause: ReportCause): string {
  const { code, subject, message, remedy, evidence, fixes } = cause
  const proofs = evidence.slice(0, 3).map(({ typed, excerpt }) => `proof: ${typed}: ${excerpt}`)
  return annotation(ANNOTATION_KINDS[cause.severity], `${code} ${subjectText(subject)}`, [
    message,
    ...proofs,
    `fix: ${remedy}`,
    ...fixes.map(({ typed }) => `paste: ${typed}`),
  ])
}

function undecidedLines(report: Report): string[] {
  return undecidedOf(report).map(({ hosts, reason }) =>
    hosts.length === 0 ? reason : `${hostsText(hosts)}: ${reason}`,
  )
}

function clauseAnnotations({ conformance, certificate }: Report): string[] {
  if (certificate === undefined) return []
  const broken = conformance.flatMap(({ clauses }) => clauses.filter(({ status }) => status === 'not-met'))
  const clauses = [...new Map(broken.map((clause) => [clause.id, clause])).values()]
  return clauses.map(({ id, level, says, breaches }) =>
    annotation('error', `${id} ${level}`, [says, ...breaches.slice(0, 3).map(({ message }) => message)]),
  )
}

/** Renders one annotation per cause or broken clause, and one for everything undecided. */
export const github: Reporter = (report) => {
  const causes = ['critical', 'warning', 'info'].flatMap((severity) =>
    report.causes.filter((cause) => cause.severity === severity).slice(0, ANNOTATIONS),
  )
  const lost = report.traces.filter(isLost)
  const undecided = undecidedLines(report)
  const waived = waivedLines(report).slice(0, ANNOTATIONS)
  const lines = [
    ...lost.map(({ says }) => annotation('error', 'ping lost', [says])),
    ...causes.map(causeAnnotation),
    ...clauseAnnotations(report).slice(0, ANNOTATIONS),
    ...(waived.length === 0 ? [] : [annotation('notice', 'waived', waived)]),
    ...(undecided.length === 0 ? [] : [annotation('warning', 'undecided', undecided.slice(0, ANNOTATIONS))]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** A run that died as one annotation. */
export const failedGithub: FailedRunReporter = ({ message }) =>
  `${annotation('error', 'flannel-doctor could not finish', [message])}\n`
