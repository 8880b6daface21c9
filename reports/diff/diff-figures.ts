/** A diff for monitors and pipelines: Nagios, OpenMetrics, annotations of GitHub Actions. */
import { ANNOTATION_KINDS, annotation } from '../programs/github.ts'
import { type NagiosStatus, nagiosText } from '../programs/nagios.ts'
import { exposition } from '../programs/openmetrics-text.ts'
import { codeText, subjectText } from '../words/subject-text.ts'
import { type DiffFinding, folded, headline, isNewFault, type ReportDiff } from './report-diff.ts'

/** Of one kind that are told one by one. */
const SHOWN = 10

function sentence(finding: DiffFinding): string {
  return `${codeText(finding, ' ')}: ${finding.message}`
}

/** What a monitor is told: the worst of what is new. */
export function diffStatus({ findings }: ReportDiff): NagiosStatus {
  const faults = findings.new.filter(isNewFault)
  if (faults.some(({ severity }) => severity === 'critical')) return 'CRITICAL'
  return faults.length === 0 ? 'OK' : 'WARNING'
}

/** Renders one line with figures, and one for each new cause. */
export function diffNagios(diff: ReportDiff): string {
  const { findings, changes } = diff
  const figures = Object.entries({ ...findings, changes }).map(([name, all]) => `${name}=${all.length};;;0`)
  const lines = folded(findings.new.filter(isNewFault))
    .slice(0, SHOWN)
    .map(({ finding }) => `new: ${sentence(finding)}`)
  return nagiosText({ status: diffStatus(diff), summary: headline(diff), figures: figures.join(' '), lines })
}

/** Renders gauges. */
export function diffOpenmetrics({ findings, changes }: ReportDiff): string {
  const samples = Object.entries(findings).flatMap(([state, all]) =>
    ['critical', 'warning', 'info'].map((severity) => ({
      labels: { state, severity },
      value: (all as readonly DiffFinding[]).filter((one) => one.severity === severity).length,
    })),
  )
  return exposition([
    { name: 'flannel_diff_findings', type: 'gauge', help: 'Findings by what became of them.', samples },
    {
      name: 'flannel_diff_changes',
      type: 'gauge',
      help: 'Hosts, leases and configuration that are other than before.',
      samples: [{ value: changes.length }],
    },
  ])
}

/** Renders an annotation for each new cause, and one for all that changed besides. */
export function diffGithub({ findings, changes }: ReportDiff): string {
  const lines = [
    ...folded(findings.new)
      .slice(0, SHOWN)
      .map(({ finding: one }) =>
        annotation(
          isNewFault(one) ? ANNOTATION_KINDS[one.severity] : 'notice',
          `new: ${one.code} ${subjectText(one.subject)}`,
          [one.message],
        ),
      ),
    ...(changes.length === 0 ? [] : [annotation('notice', 'changed', changes.slice(0, SHOWN))]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}
