/**
 * A report as test cases, for the formats that know nothing else: every check on every host, every direction of a
 * ping that was followed, every clause, and what kept the run from its end.
 */

import { certificateOf, clausesOf } from '../certificate/certificate-lines.ts'
import { isCounted, isLost } from '../document/exit-code.ts'
import type { Report, ReportFinding, ReportResult, ReportTrace } from '../document/report.ts'
import { endName } from '../words/end-name.ts'
import { fixPlace } from '../words/fix-place.ts'
import { subjectText } from '../words/subject-text.ts'
import { waivedText } from '../words/waived-text.ts'

/** `undecided`: it could not be judged; no format may count that as passed. */
export type CaseStatus = 'passed' | 'failed' | 'undecided' | 'skipped'

export interface ReportCase {
  /** The layer, or what else its cases have in common. */
  readonly suite: string
  readonly name: string
  /** Absent for the network as a whole. */
  readonly host?: string
  readonly status: CaseStatus
  /** Why it did not pass, or was skipped, in one line. */
  readonly message?: string
  /** Short name of the kind of failure: a finding code. */
  readonly kind?: string
  /** Everything else worth reading, line by line. */
  readonly details: readonly string[]
}

function findingLines(finding: ReportFinding): string[] {
  const { code, subject, message, expected, observed, evidence, fix, fixes } = finding
  return [
    `${code}  ${subjectText(subject)}`,
    message,
    ...(expected === undefined ? [] : [`expected: ${expected}`]),
    ...(observed === undefined ? [] : [`found: ${observed}`]),
    ...evidence.map(({ typed, excerpt }) => `proof: ${typed}: ${excerpt}`),
    `fix: ${fix}`,
    ...fixes.map((each) => `paste: ${each.typed}  # ${fixPlace(each)}: ${each.effect}`),
  ]
}

/** What became of a result of which nothing counts. */
function uncounted({
  outcome,
  reason,
  findings,
}: ReportResult): Pick<ReportCase, 'status' | 'kind' | 'message'> {
  if (outcome === 'inconclusive' || outcome === 'error')
    return { status: 'undecided', kind: outcome, message: reason ?? 'no reason given' }
  const waived = findings.find((finding) => finding.waived !== undefined)
  if (waived !== undefined) return { status: 'skipped', message: waivedText(waived) }
  if (outcome === 'not-applicable') return { status: 'skipped', message: reason ?? 'not applicable' }
  return { status: 'passed' }
}

function resultCase(result: ReportResult, report: Report): ReportCase {
  const { check, host, findings } = result
  const base = {
    suite: check.split('/')[0] ?? check,
    name: check,
    ...(host !== undefined && { host }),
    details: findings.flatMap(findingLines),
  }
  const counted = findings.filter((finding) => isCounted(finding, report.failOn))
  const [first] = counted
  if (first === undefined) return { ...base, ...uncounted(result) }
  const rest = counted.length - 1
  const message = rest === 0 ? first.message : `${first.message}; and ${rest} more`
  return { ...base, status: 'failed', kind: first.code, message }
}

function traceCase(trace: ReportTrace): ReportCase {
  const { direction, from, to, ping, ends, says } = trace
  const name = `${direction} of ${ping.size} bytes from ${endName(from)} to ${endName(to)}`
  const base = { suite: 'trace', name, host: from.host, details: [says] }
  if (ping.sent === 0) {
    return {
      ...base,
      status: 'undecided',
      kind: 'not-sent',
      message: ping.problem?.detail ?? 'no ping was sent',
    }
  }
  if (trace.waived) return { ...base, status: 'skipped', message: `waived: ${says}` }
  return !isLost(trace)
    ? { ...base, status: 'passed' }
    : { ...base, status: 'failed', kind: ends, message: says }
}

function clauseCases(report: Report): ReportCase[] {
  if (report.certificate === undefined) return []
  const levels: readonly string[] = certificateOf(report).strict ? ['MUST', 'SHOULD'] : ['MUST']
  return clausesOf(report).map(({ id, level, says, status, reason, breaches }) => {
    const details = [...breaches.flatMap((breach) => findingLines({ ...BREACH, ...breach }))]
    const base = { suite: 'conformance', name: `${id} ${level} ${says}`, details }
    const message = reason ?? breaches[0]?.message ?? status.replace('-', ' ')
    if (status === 'met') return { ...base, status: 'passed' as const }
    if (status === 'not-tested') return { ...base, status: 'skipped' as const, message }
    // What no claim counts is shown, but fails nothing.
    if (!levels.includes(level))
      return {
        ...base,
        status: 'skipped' as const,
        message: `${status.replace('-', ' ')}, but a ${level} does not count`,
      }
    const failed = status === 'not-met' ? ('failed' as const) : ('undecided' as const)
    return { ...base, status: failed, kind: breaches[0]?.code ?? status, message }
  })
}

/** What a finding has and a breach has not. */
const BREACH = {
  severity: 'critical',
  confidence: 'certain',
  effect: 'loss',
  evidence: [],
  fixes: [],
} as const

function runCases({ run, hosts, datastoreProblems }: Report): ReportCase[] {
  const undecided = (name: string, message: string, host?: string): ReportCase => ({
    suite: 'run',
    name,
    ...(host !== undefined && { host }),
    status: 'undecided',
    kind: 'not-read',
    message,
    details: [],
  })
  return [
    ...(run.interrupted === undefined ? [] : [undecided('the run comes to its end', run.interrupted)]),
    ...datastoreProblems.map((problem) => undecided('etcd is read', problem)),
    ...hosts.map(({ name, problem }): ReportCase => {
      if (problem !== undefined) return undecided('the host is read', problem, name)
      return { suite: 'run', name: 'the host is read', host: name, status: 'passed', details: [] }
    }),
  ]
}

/** Every case of a report; none is in it twice. A certificate's cases are its clauses. */
export function casesOf(report: Report): ReportCase[] {
  const judged =
    report.certificate === undefined
      ? report.results.map((result) => resultCase(result, report))
      : clauseCases(report)
  return [...runCases(report), ...report.traces.map(traceCase), ...judged]
}
