/** Report to exit status. */
import type { Severity } from '../../checks/check.ts'
import type { Report, ReportFinding, ReportTrace } from './report.ts'

export const EXIT = { healthy: 0, findings: 1, badInput: 2, undecided: 3, interrupted: 130 } as const

const WEIGHT: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

/** What a report says of a run that its deadline ended: nobody interrupted it, so it is undecided like any that saw less. */
const DEADLINE_PASSED = 'the deadline passed'

/** True for a finding at or above a severity that nobody has waived. */
export function isCounted({ severity, waived }: ReportFinding, failOn: Severity): boolean {
  return waived === undefined && WEIGHT[severity] >= WEIGHT[failOn]
}

/** Findings at or above a severity that nobody has waived. */
function findingsFrom(report: Pick<Report, 'results'>, failOn: Severity): readonly ReportFinding[] {
  return report.results.flatMap(({ findings }) => findings).filter((finding) => isCounted(finding, failOn))
}

/** A packet that was sent and lost, or taken by another than whom it was sent to, and nobody has waived that. */
export function isLost({ ends, ping, endsTake, waived }: ReportTrace): boolean {
  return ends !== 'delivered' && ping.sent > 0 && endsTake === undefined && !waived
}

/** 0 healthy, 1 findings from `failOn` on or a lost ping, 3 undecided or nothing of flannel found, 130 interrupted. */
export function exitCode(report: Report): number {
  const cut = report.run.interrupted
  if (cut !== undefined && cut !== DEADLINE_PASSED) return EXIT.interrupted
  if (report.verdict === 'no-flannel') return EXIT.undecided
  if (findingsFrom(report, report.failOn).length > 0 || report.traces.some(isLost)) return EXIT.findings
  return report.scope.complete && cut === undefined ? EXIT.healthy : EXIT.undecided
}
