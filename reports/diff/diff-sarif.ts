/** A diff as SARIF 2.1.0: each result with its baseline state, which viewers filter by. */
import type { Result } from 'sarif'
import { printable } from '../layout/printable.ts'
import { findingIdentity, findingLocation, SARIF_LEVELS, sarifLog } from '../programs/sarif.ts'
import type { DiffFinding, ReportDiff } from './report-diff.ts'

const plain = (text: string): string => printable(text, 2000)

function result(
  { code, severity, subject, message }: DiffFinding,
  baselineState: Result.baselineState,
): Result {
  return {
    ruleId: plain(code),
    kind: 'fail',
    level: SARIF_LEVELS[severity],
    message: { text: plain(message) },
    locations: [findingLocation(subject, 'state')],
    partialFingerprints: { 'flannelSubject/v1': findingIdentity(code, subject) },
    baselineState,
  }
}

/** Renders new, unchanged and fixed findings. */
export function diffSarif({ version, after, findings }: ReportDiff): string {
  const startTimeUtc = Number.isNaN(Date.parse(after.at))
    ? {}
    : { startTimeUtc: new Date(after.at).toISOString() }
  return sarifLog({
    version,
    results: [
      ...findings.new.map((one) => result(one, 'new')),
      ...findings.unchanged.map((one) => result(one, 'unchanged')),
      ...findings.fixed.map((one) => result(one, 'absent')),
    ],
    invocation: { executionSuccessful: true, ...startTimeUtc },
  })
}
