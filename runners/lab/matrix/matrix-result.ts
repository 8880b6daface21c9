/** How a report becomes a row of the fault matrix. */
import type { Fault } from '../../../fixtures/fault.ts'
import { causesOf } from '../../../fixtures/fault-expectation.ts'
import type { Report, ReportCause, ReportFinding } from '../../../reports/document/report.ts'
import type { FaultRow } from '../../../reports/matrix/matrix.ts'

/** Faults freeze flanneld so that it repairs nothing behind their back; that it is frozen is no part of what is to be shown. */
export const FROZEN = 'daemon/process-state:paused'

/** The codes of the causes in their order, without a frozen flanneld unless it is one of those that are expected. */
export function shownCauses({ causes }: Report, expected: readonly string[]): readonly string[] {
  const codes = causes.map(({ code }) => code)
  return codes.filter((code) => code !== FROZEN || expected.includes(code))
}

/** Findings that count: warning and above. */
export function seriousFindings(report: Report): readonly ReportFinding[] {
  return report.results.flatMap(({ findings }) => findings).filter(({ severity }) => severity !== 'info')
}

/** Codes of what is wrong at warning or above, each once. */
export function seriousCodes(report: Report): readonly string[] {
  return [...new Set(seriousFindings(report).map(({ code }) => code))]
}

/** Codes of all findings. */
export function findingCodes(report: Report): ReadonlySet<string> {
  return new Set(report.results.flatMap(({ findings }) => findings.map(({ code }) => code)))
}

/** Checks that could not tell. */
export function undecidedChecks(report: Report): readonly string[] {
  const open = report.results.filter(({ outcome }) => outcome === 'inconclusive' || outcome === 'error')
  return open.map(({ check }) => check)
}

/** `CHECK on HOST: reason` of everything that could not be judged, and what could not be read at all. */
export function undecidedOf(report: Report): readonly string[] {
  const unjudged = report.results.filter(({ outcome }) => outcome === 'inconclusive' || outcome === 'error')
  return [
    ...unjudged.map(({ check, host = 'the cluster', reason = '' }) => `${check} on ${host}: ${reason}`),
    ...report.hosts.filter(({ reachable }) => !reachable).map(({ name }) => `${name} is not reachable`),
    ...report.datastoreProblems,
  ]
}

/** A code allowed by `layer/check:code` or `layer/check:*`. */
function allows(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code
}

/** Codes that these causes explain. */
function explainedBy(causes: readonly ReportCause[], codes: readonly string[]): ReadonlySet<string> {
  const expected = causes.filter(({ code }) => codes.includes(code))
  return new Set(expected.flatMap(({ explains }) => explains.map(({ code }) => code)))
}

function falseFindings(fault: Fault, report: Report): readonly string[] {
  const causes = causesOf(fault)
  const allowed = [...causes, ...(fault.expect.also ?? []), FROZEN]
  const explained = explainedBy(report.causes, causes)
  const codes = new Set(seriousFindings(report).map(({ code }) => code))
  return [...codes].filter(
    (code) => !explained.has(code) && !allowed.some((pattern) => allows(pattern, code)),
  )
}

/** Codes of all findings, and the checks that are undecided. */
function codesSeen(report: Report): ReadonlySet<string> {
  const undecided = report.results.filter(({ outcome }) => outcome === 'inconclusive')
  return new Set([
    ...report.results.flatMap(({ findings }) => findings.map(({ code }) => code)),
    ...undecided.map(({ check }) => check),
  ])
}

/** The row of a fault without its time. */
export function compareFault(fault: Fault, report: Report): Omit<FaultRow, 'seconds'> {
  const causes = causesOf(fault)
  const found = codesSeen(report)
  const first = shownCauses(report, causes)[0] ?? causes.find((code) => found.has(code)) ?? null
  const rankedFirst = first !== null && causes.includes(first)
  return {
    fault: fault.id,
    detected: causes.some((code) => found.has(code)),
    rankedFirst,
    expected: rankedFirst ? first : (causes[0] ?? ''),
    first,
    falseFindings: falseFindings(fault, report),
  }
}
