/** Judged results to the one Report document. Copies and names; decides nothing. */
import type { Evidence, Severity } from '../checks/check.ts'
import type { Cause, Diagnosis } from '../checks/diagnosis/diagnose.ts'
import type { CheckResult } from '../checks/evaluate.ts'
import type { Finding } from '../checks/finding.ts'
import type { ClusterSnapshot, HostSnapshot } from '../checks/model/snapshot.ts'
import { verdictOf } from './exit-code.ts'
import type {
  FindingRef,
  Report,
  ReportCause,
  ReportCommand,
  ReportEvidence,
  ReportFinding,
  ReportHost,
  ReportNetwork,
  ReportResult,
} from './report.ts'
import { SCHEMA_VERSION } from './report.ts'

/** Everything a run found out. */
export interface RunOutcome {
  readonly run: Report['run']
  readonly snapshot: ClusterSnapshot
  readonly results: readonly CheckResult[]
  readonly diagnosis: Diagnosis
  readonly network: ReportNetwork | null
  readonly commands: readonly ReportCommand[]
  readonly failOn: Severity
  readonly notSelected: Report['notSelected']
  readonly traces?: Report['traces']
}

/** Evidence as a report has it. */
export function reportEvidence(evidence: readonly Evidence[]): ReportEvidence[] {
  return evidence.map(({ source, excerpt }) => ({
    command: source.host === '' ? source.command : `${source.host}: ${source.command}`,
    section: source.section,
    excerpt,
  }))
}

function reportFinding(finding: Finding): ReportFinding {
  const { explains: _edges, evidence: _evidence, ...rest } = finding
  return { ...rest, evidence: reportEvidence(finding.evidence) }
}

function reference({ code, subject }: Finding): FindingRef {
  return { code, subject }
}

function reportResult(result: CheckResult): ReportResult {
  return { ...result, findings: result.findings.map(reportFinding) }
}

/** True for what packets showed. */
function isSeen({ code }: Finding): boolean {
  return code.startsWith('dataplane/')
}

function reportCause({ finding, severity, rank, explains }: Cause): ReportCause {
  return {
    code: finding.code,
    subject: finding.subject,
    rank,
    message: finding.message,
    severity,
    explains: explains.map(reference),
    remedy: finding.fix,
    ...(finding.expected !== undefined && { expected: finding.expected }),
    ...(finding.observed !== undefined && { observed: finding.observed }),
    evidence: reportEvidence(finding.evidence),
    agreement: [finding, ...explains].some(isSeen) ? 'confirmed' : 'predicted-only',
  }
}

function reportHost(host: HostSnapshot): ReportHost {
  const known: string[] = []
  const absent: ReportHost['facts']['absent'][number][] = []
  for (const [fact, value] of Object.entries(host.facts)) {
    if (value.known) known.push(fact)
    else absent.push({ fact, why: value.why, detail: value.detail })
  }
  return {
    name: host.host,
    via: host.via,
    reachable: host.unreachable === undefined,
    ...(host.unreachable !== undefined && { problem: host.unreachable }),
    facts: { known, absent },
  }
}

function datastoreProblems(snapshot: ClusterSnapshot): string[] {
  const problems = Object.values(snapshot.datastore).flatMap((fact) => (fact.known ? [] : [fact.detail]))
  return [...new Set(problems)]
}

/** Layers in which something was judged and everything passed. */
function cleanLayers(results: readonly CheckResult[]): string[] {
  const layers = new Map<string, boolean>()
  for (const { check, outcome } of results) {
    if (outcome === 'not-applicable') continue
    const layer = check.split('/')[0] ?? ''
    layers.set(layer, (layers.get(layer) ?? true) && outcome === 'pass')
  }
  return [...layers].filter(([, isClean]) => isClean).map(([layer]) => layer)
}

/** Puts the document together; the verdict follows from it and `failOn`. */
export function buildReport(outcome: RunOutcome): Report {
  const parts = {
    results: outcome.results.map(reportResult),
    hosts: [...outcome.snapshot.hosts.values()].map(reportHost),
    datastoreProblems: datastoreProblems(outcome.snapshot),
    traces: outcome.traces ?? [],
  }
  return {
    schemaVersion: SCHEMA_VERSION,
    verdict: verdictOf(parts, outcome.failOn),
    run: outcome.run,
    network: outcome.network,
    ...parts,
    observations: outcome.snapshot.observations ?? [],
    causes: outcome.diagnosis.causes.map(reportCause),
    unexplained: outcome.diagnosis.unexplained.map(reference),
    ruledOut: cleanLayers(outcome.results),
    notSelected: outcome.notSelected,
    conformance: [],
    commands: outcome.commands,
  }
}
