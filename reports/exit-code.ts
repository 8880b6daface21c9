/** Report to exit status, design C.4. */
import type { Severity } from '../checks/check.ts'
import type { Report, ReportFinding, ReportTrace, Verdict } from './report.ts'

export const EXIT = { healthy: 0, findings: 1, badInput: 2, undecided: 3, interrupted: 130 } as const

const WEIGHT: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

/** Findings at or above a severity. */
export function findingsFrom(report: Pick<Report, 'results'>, failOn: Severity): readonly ReportFinding[] {
  return report.results
    .flatMap(({ findings }) => findings)
    .filter(({ severity }) => WEIGHT[severity] >= WEIGHT[failOn])
}

/** A packet that was sent and lost, or taken by another than whom it was sent to. */
function isLost({ ends, ping }: ReportTrace): boolean {
  return ends !== 'delivered' && ping.sent > 0
}

/** Broken beats undecided, undecided beats healthy. */
export function verdictOf(
  report: Pick<Report, 'results' | 'hosts' | 'datastoreProblems'> & Partial<Pick<Report, 'traces'>>,
  failOn: Severity,
): Verdict {
  const traces = report.traces ?? []
  if (findingsFrom(report, failOn).length > 0 || traces.some(isLost)) return 'broken'
  if (traces.some(({ ping }) => ping.sent === 0)) return 'undecided'
  const unjudged = report.results.some(({ outcome }) => outcome === 'inconclusive' || outcome === 'error')
  const unreachable = report.hosts.some(({ reachable }) => !reachable)
  return unjudged || unreachable || report.datastoreProblems.length > 0 || report.results.length === 0
    ? 'undecided'
    : 'healthy'
}

/** 0 healthy, 1 findings, 3 undecided, 130 interrupted. */
export function exitCode(report: Report): number {
  if (report.run.interrupted !== undefined) return EXIT.interrupted
  return { healthy: EXIT.healthy, broken: EXIT.findings, undecided: EXIT.undecided }[report.verdict]
}
