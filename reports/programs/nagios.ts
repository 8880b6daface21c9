/** One line for a monitor, more below it, and figures behind a bar: the rules of monitoring plugins. */

import { CLAIM_TITLES } from '../certificate/certificate-lines.ts'
import { isLost } from '../document/exit-code.ts'
import type { FailedRunReporter } from '../document/failed-run.ts'
import type { Report, Reporter } from '../document/report.ts'
import { printable } from '../layout/printable.ts'
import { subjectText } from '../words/subject-text.ts'
import { networkText } from '../words/verdict-title.ts'
import { waivedLines } from '../words/waived-text.ts'
import { casesOf } from './cases.ts'

export const NAGIOS_STATUS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const
export type NagiosStatus = (typeof NAGIOS_STATUS)[number]

/** Nagios cuts what is longer than 8 KB; NRPE of old what is longer than 1 KB, hence the first line is short. */
const FIRST_LINE = 400
const CAUSES_SHOWN = 10

/** A bar would end the text, an exclamation mark is refused by some monitors as an illegal macro character. */
const plain = (text: string, max: number): string => printable(text, max).replaceAll('|', '¦')

const STATUS_OF = {
  healthy: 'OK',
  'at-risk': 'WARNING',
  broken: 'CRITICAL',
  undecided: 'UNKNOWN',
  'no-flannel': 'UNKNOWN',
} as const
const CLAIM_STATUS = { conformant: 'OK', 'not-conformant': 'CRITICAL', undecided: 'UNKNOWN' } as const

/** What a monitor is told. */
function nagiosStatus({ verdict, certificate, run }: Report): NagiosStatus {
  if (run.interrupted !== undefined) return 'UNKNOWN'
  return certificate === undefined ? STATUS_OF[verdict] : CLAIM_STATUS[certificate.verdict]
}

/** The exit status under `--format nagios`. */
export function nagiosExit(report: Report): number {
  return NAGIOS_STATUS.indexOf(nagiosStatus(report))
}

function summary(report: Report): string {
  const faults = report.causes.filter(({ severity }) => severity !== 'info')
  const [first] = faults
  if (report.run.interrupted !== undefined) return report.run.interrupted
  if (report.certificate !== undefined) return CLAIM_TITLES[report.certificate.verdict].toLowerCase()
  if (first !== undefined) {
    return faults.length === 1 ? first.message : `${faults.length} causes, the first: ${first.message}`
  }
  const lost = report.traces.find(isLost)
  if (lost !== undefined) return lost.says
  const [problem] = [...report.datastoreProblems, ...report.hosts.flatMap((host) => host.problem ?? [])]
  const [advice] = report.advice
  if (report.verdict === 'no-flannel') return advice ?? 'nothing of flannel was found'
  return report.verdict === 'undecided' ? (problem ?? 'something could not be judged') : networkText(report)
}

function figures(report: Report): string {
  const cases = casesOf(report)
  const count = (status: string): number => cases.filter((each) => each.status === status).length
  const values = {
    causes: report.causes.filter(({ severity }) => severity !== 'info').length,
    failed: count('failed'),
    undecided: count('undecided'),
    hosts: report.hosts.length,
    unreachable: report.hosts.filter(({ reachable }) => !reachable).length,
    leases: report.network?.leases.length ?? 0,
  }
  const parts = Object.entries(values).map(([label, value]) => `${label}=${value};;;0`)
  return [...parts, `time=${(report.run.durationMs / 1000).toFixed(3)}s;;;0`].join(' ')
}

interface NagiosLines {
  readonly status: NagiosStatus
  readonly summary: string
  readonly figures: string
  readonly lines: readonly string[]
}

/** The first line with its figures, and those below it. */
export function nagiosText({ status, summary: first, figures: values, lines }: NagiosLines): string {
  const head = `FLANNEL ${status} - ${plain(first, FIRST_LINE)} | ${values}`
  return `${[head, ...lines.map((line) => plain(line, FIRST_LINE))].join('\n')}\n`
}

/** Renders status and first cause on one line, then a line per cause. */
export const nagios: Reporter = (report) => {
  const causes = report.causes.slice(0, CAUSES_SHOWN).map(({ code, subject, message }) => {
    const where = subjectText(subject)
    return `${code}${where === '' ? '' : ` ${where}`}: ${message}`
  })
  const rest = report.causes.length - causes.length
  const waived = waivedLines(report).slice(0, CAUSES_SHOWN)
  return nagiosText({
    status: nagiosStatus(report),
    summary: summary(report),
    figures: figures(report),
    lines: [...causes, ...(rest > 0 ? [`and ${rest} more`] : []), ...waived],
  })
}

/** A run that died: unknown, exit status 3. */
export const failedNagios: FailedRunReporter = ({ message }) =>
  `FLANNEL UNKNOWN - ${plain(message, FIRST_LINE)}\n`
