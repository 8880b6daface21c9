/** A diff as test cases, for JUnit and TAP: what is new fails, what was there before is skipped, what is fixed passes. */
import type { ReportCase } from '../programs/cases.ts'
import { junitDocument } from '../programs/junit.ts'
import { tapDocument } from '../programs/tap.ts'
import { subjectText } from '../words/subject-text.ts'
import { type DiffFinding, isNewFault, type ReportDiff } from './report-diff.ts'

function caseOf(finding: DiffFinding, rest: Pick<ReportCase, 'status' | 'message' | 'kind'>): ReportCase {
  const { code, subject, message } = finding
  const { host } = subject
  return {
    suite: code.split('/')[0] ?? code,
    name: `${code}  ${subjectText(subject)}`.trimEnd(),
    ...(host !== undefined && { host }),
    details: [message],
    ...rest,
  }
}

/** Every finding of either side, and what changed besides. */
function diffCases({ changes, findings }: ReportDiff): readonly ReportCase[] {
  return [
    ...findings.new.map((one) =>
      caseOf(
        one,
        isNewFault(one) ? { status: 'failed', kind: one.code, message: one.message } : { status: 'passed' },
      ),
    ),
    ...findings.fixed.map((one) => caseOf(one, { status: 'passed' })),
    ...findings.unchanged.map((one) =>
      caseOf(one, { status: 'skipped', message: `as before: ${one.message}` }),
    ),
    ...changes.map(
      (change): ReportCase => ({ suite: 'changed', name: change, status: 'passed', details: [] }),
    ),
  ]
}

/** Renders as JUnit XML. */
export function diffJunit(diff: ReportDiff): string {
  return junitDocument(diffCases(diff), diff.after.at, 0)
}

/** Renders as TAP 14. */
export function diffTap(diff: ReportDiff): string {
  return tapDocument(diffCases(diff))
}
