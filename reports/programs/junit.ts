/** JUnit XML as Jenkins, GitLab and others read it: a suite per layer, a case per check and host. */

import type { FailedRun, FailedRunReporter } from '../document/failed-run.ts'
import type { Reporter } from '../document/report.ts'
import { type Xml, xml, xmlLines } from '../layout/xml-template.ts'
import { casesOf, type ReportCase } from './cases.ts'

// The order of the elements within a case is the schema's.
function outcomeXml({ status, message = '', kind = status, details }: ReportCase): readonly Xml[] {
  const body = xmlLines(details)
  switch (status) {
    case 'failed':
      return [
        xml`
      <failure type="${kind}" message="${message}">${body}</failure>`,
      ]
    case 'undecided':
      return [
        xml`
      <error type="${kind}" message="${message}">${body}</error>`,
      ]
    case 'skipped':
      return [
        xml`
      <skipped>${message}</skipped>`,
      ]
    case 'passed':
      return details.length === 0
        ? []
        : [
            xml`
      <system-out>${body}</system-out>`,
          ]
  }
}

function caseXml(each: ReportCase): Xml {
  return xml`
    <testcase classname="${each.host ?? 'network'}" name="${each.name}" time="0">${outcomeXml(each)}</testcase>`
}

interface Suite {
  readonly name: string
  readonly cases: readonly ReportCase[]
}

function count({ cases }: Pick<Suite, 'cases'>, status: ReportCase['status']): number {
  return cases.filter((each) => each.status === status).length
}

function suiteXml({ name, cases }: Suite, startedAt: string): Xml {
  const [failures, errors, skipped] = (['failed', 'undecided', 'skipped'] as const).map((status) =>
    count({ cases }, status),
  )
  return xml`
  <testsuite name="${name}" tests="${cases.length}" failures="${failures ?? 0}" errors="${errors ?? 0}" skipped="${skipped ?? 0}" time="0" timestamp="${startedAt.slice(0, 19)}">${cases.map(caseXml)}
  </testsuite>`
}

/** A document of these cases. */
export function junitDocument(cases: readonly ReportCase[], startedAt: string, seconds: number): string {
  const suites = [...Map.groupBy(cases, ({ suite }) => suite)].map(([name, each]) => ({ name, cases: each }))
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="flannel-doctor" tests="${cases.length}" failures="${count({ cases }, 'failed')}" errors="${count({ cases }, 'undecided')}" time="${seconds.toFixed(3)}">${suites.map((suite) => suiteXml(suite, startedAt))}
</testsuites>
`.xml
}

/** Renders every check, followed ping or clause as a case: undecided is an error, never a pass. */
export const junit: Reporter = (report) =>
  junitDocument(casesOf(report), report.run.startedAt, report.run.durationMs / 1000)

/** A run that died as one case that says why. */
export const failedJunit: FailedRunReporter = ({ message, startedAt }: FailedRun) =>
  junitDocument(
    [
      {
        suite: 'run',
        name: 'the run comes to its end',
        status: 'undecided',
        kind: 'run',
        message,
        details: [message],
      },
    ],
    startedAt,
    0,
  )
