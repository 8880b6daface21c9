/** SARIF 2.1.0 (OASIS), for code scanning and other viewers of findings: one result per finding or broken clause. */
import type { Invocation, Location, Log, Notification, ReportingDescriptor, Result, Suppression } from 'sarif'
import { certificateOf, clausesOf } from '../certificate/certificate-lines.ts'
import type { FailedRunReporter } from '../document/failed-run.ts'
import type { Report, Reporter, ReportFinding, ReportSubject } from '../document/report.ts'
import { printable, printableJson } from '../layout/printable.ts'
import { subjectText } from '../words/subject-text.ts'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
const HOME = 'https://www.npmjs.com/package/flannel-doctor'
export const SARIF_LEVELS = { critical: 'error', warning: 'warning', info: 'note' } as const

const plain = (text: string): string => printable(text, 2000)

/** A path of a file there is none of: viewers group by it. Host and section as in a saved state. */
function place(host: string | undefined, section: string): string {
  return [host ?? 'network', section]
    .map((part) => encodeURIComponent(plain(part)).replaceAll('%', '_'))
    .join('/')
}

/** Where a finding is: a file of a saved state that may not be there, and the host by its name. */
export function findingLocation(subject: ReportSubject, section: string): Location {
  return {
    physicalLocation: {
      artifactLocation: { uri: place(subject.host, section) },
      region: { startLine: 1 },
    },
    logicalLocations: [
      {
        name: plain(subject.host ?? 'network'),
        kind: 'resource',
        fullyQualifiedName: plain(subjectText(subject)),
      },
    ],
  }
}

/** What makes two findings the same. */
export function findingIdentity(code: string, subject: ReportSubject): string {
  return plain([code, subject.host, subject.peer, subject.object].map((part) => part ?? '').join(' '))
}

function suppression({ reason, until }: NonNullable<ReportFinding['waived']>): Suppression {
  const justification = until === undefined ? reason : `until ${until}: ${reason}`
  return { kind: 'external', status: 'accepted', justification: plain(justification) }
}

function findingResult(finding: ReportFinding, at: number): Result {
  const { code, severity, confidence, subject, message, expected, observed, evidence, fix, fixes, waived } =
    finding
  const proofs = evidence.map(({ typed, excerpt }) => `${typed}: ${excerpt}`)
  const lines = [
    message,
    ...(expected === undefined ? [] : [`expected: ${expected}`]),
    ...(observed === undefined ? [] : [`found: ${observed}`]),
    ...proofs.map((proof) => `proof: ${proof}`),
    `fix: ${fix}`,
    ...fixes.map(({ typed }) => `paste: ${typed}`),
  ]
  return {
    ruleId: plain(code),
    ruleIndex: at,
    kind: 'fail',
    level: SARIF_LEVELS[severity],
    message: { text: lines.map(plain).join('\n') },
    locations: [findingLocation(subject, evidence[0]?.section ?? 'state')],
    partialFingerprints: { 'flannelSubject/v1': findingIdentity(code, subject) },
    ...(waived && { suppressions: [suppression(waived)] }),
    properties: { confidence, subject: plain(subjectText(subject)) },
  }
}

function rule({ code, fix, severity, message }: ReportFinding): ReportingDescriptor {
  return {
    id: plain(code),
    shortDescription: { text: plain(code) },
    fullDescription: { text: plain(message) },
    help: { text: `${plain(fix)}\n\nflannel-doctor explain ${plain(code)}` },
    defaultConfiguration: { level: SARIF_LEVELS[severity] },
  }
}

function checked(report: Report): { readonly rules: ReportingDescriptor[]; readonly results: Result[] } {
  const findings = report.results.flatMap((result) => result.findings)
  const first = new Map<string, ReportFinding>()
  for (const finding of findings) if (!first.has(finding.code)) first.set(finding.code, finding)
  const codes = new Map([...first.keys()].map((code, at) => [code, at]))
  return {
    rules: [...first.values()].map(rule),
    results: findings.map((finding) => findingResult(finding, codes.get(finding.code) ?? -1)),
  }
}

const CLAUSE_KINDS = { met: 'pass', 'not-met': 'fail', undecided: 'open', 'not-tested': 'open' } as const

function certified(report: Report): { readonly rules: ReportingDescriptor[]; readonly results: Result[] } {
  const clauses = clausesOf(report)
  const rules = clauses.map(({ id, says, source, level }) => ({
    id: plain(id),
    shortDescription: { text: plain(`${level}: ${says}`) },
    help: { text: plain(source) },
  }))
  const results = clauses.flatMap((clause, at): Result[] => {
    const base = { ruleId: plain(clause.id), ruleIndex: at, kind: CLAUSE_KINDS[clause.status] }
    const say = (text: string): Result => ({ ...base, message: { text: plain(text) } })
    if (clause.status !== 'not-met') return [{ ...say(clause.reason ?? clause.says), level: 'none' }]
    if (clause.breaches.length === 0) return [{ ...say(clause.reason ?? clause.says), level: 'error' }]
    return clause.breaches.map(({ message, fix, subject, code }) => ({
      ...say(`${message}\nfix: ${fix}`.replace('\n', '; ')),
      level: 'error',
      locations: [findingLocation(subject, 'state')],
      partialFingerprints: { 'flannelSubject/v1': findingIdentity(`${clause.id} ${code}`, subject) },
    }))
  })
  return { rules, results }
}

function notes(report: Report): Notification[] {
  const { run, datastoreProblems, hosts, results } = report
  const say = (level: 'error' | 'warning', text: string): Notification => ({
    level,
    message: { text: plain(text) },
  })
  return [
    ...(run.interrupted === undefined ? [] : [say('error', run.interrupted)]),
    ...datastoreProblems.map((problem) => say('error', problem)),
    ...hosts.flatMap(({ name, problem }) =>
      problem === undefined ? [] : [say('error', `${name}: ${problem}`)],
    ),
    ...results.flatMap(({ check, host, outcome, reason }) =>
      outcome === 'inconclusive' || outcome === 'error'
        ? [
            say(
              'warning',
              `${check}${host === undefined ? '' : ` on ${host}`}: ${reason ?? 'no reason given'}`,
            ),
          ]
        : [],
    ),
  ]
}

interface Contents {
  readonly version: string
  readonly rules?: ReportingDescriptor[]
  readonly results: Result[]
  readonly invocation: Invocation
}

/** A whole log of one run. */
export function sarifLog({ version, rules = [], results, invocation }: Contents): string {
  const driver = { name: 'flannel-doctor', version: plain(version), informationUri: HOME, rules }
  const document: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{ tool: { driver }, invocations: [invocation], results, columnKind: 'utf16CodeUnits' }],
  }
  return printableJson(document)
}

function timeOf(startedAt: string): Pick<Invocation, 'startTimeUtc'> {
  return Number.isNaN(Date.parse(startedAt)) ? {} : { startTimeUtc: new Date(startedAt).toISOString() }
}

/** Renders findings as results, what was not judged as notifications of the invocation. */
export const sarif: Reporter = (report) => {
  const contents =
    report.certificate === undefined
      ? checked(report)
      : certified({ ...report, certificate: certificateOf(report) })
  return sarifLog({
    version: report.run.version,
    ...contents,
    invocation: {
      executionSuccessful: report.run.interrupted === undefined,
      toolExecutionNotifications: notes(report),
      ...timeOf(report.run.startedAt),
    },
  })
}

/** A run that died: no results, and an invocation that was not successful. */
export const failedSarif: FailedRunReporter = ({ version, startedAt, message }) =>
  sarifLog({
    version,
    results: [],
    invocation: {
      executionSuccessful: false,
      toolExecutionNotifications: [{ level: 'error', message: { text: plain(message) } }],
      ...timeOf(startedAt),
    },
  })
