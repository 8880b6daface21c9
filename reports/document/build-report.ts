/** Judged results to the one Report document. Copies and names; decides nothing. */
import type { Evidence, Severity } from '../../checks/check.ts'
import type { Cause } from '../../checks/diagnosis/diagnose.ts'
import type { Waived, Waiver } from '../../checks/diagnosis/waivers.ts'
import type { CheckResult } from '../../checks/evaluate.ts'
import type { Finding } from '../../checks/finding.ts'
import type { Fix } from '../../checks/heal-step.ts'
import type { ProbeObservation } from '../../checks/model/observation.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { JudgedTrace } from '../../checks/trace/seen/judged-trace.ts'
import type { Judgement } from '../../checks/verdict/verdict.ts'
import { datastoreProblems } from './datastore-problems.ts'
import type {
  FindingRef,
  Report,
  ReportCause,
  ReportCommand,
  ReportEvidence,
  ReportFinding,
  ReportFix,
  ReportNetwork,
  ReportResult,
  ReportTrace,
} from './report.ts'
import { SCHEMA_VERSION } from './report.ts'
import { reportHost } from './report-host.ts'
import { reportSections } from './report-sections.ts'

/** How a command of a host is typed where flannel-doctor ran. */
export type TypedOn = (host: string, command: string) => string

/** A command that was run, by the clock. */
export interface RecordedCommand extends Omit<ReportCommand, 'at'> {
  /** Milliseconds since 1970. */
  readonly beganAt?: number
}

/** Everything a run found out. */
export interface RunOutcome {
  /** Hosts that are nodes of Kubernetes. */
  readonly nodes?: ReadonlyMap<string, { readonly name: string }>
  readonly typedOn: TypedOn
  readonly run: Report['run']
  readonly snapshot: ClusterSnapshot
  readonly results: readonly CheckResult[]
  /** The causes, and what of all that was found is accepted. */
  readonly waived: Waived
  readonly ruledOut: Report['ruledOut']
  readonly network: ReportNetwork | null
  readonly commands: readonly RecordedCommand[]
  readonly judgement: Judgement
  readonly failOn: Severity
  readonly notSelected: Report['notSelected']
  /** Packets that were followed. */
  readonly traces: readonly (JudgedTrace & Pick<ReportTrace, 'waived'>)[]
}

/** Evidence as a report has it. */
function reportEvidence(evidence: readonly Evidence[], typedOn: TypedOn): ReportEvidence[] {
  return evidence.map(({ source: { host, command, section }, excerpt, derived }) => ({
    command: host === '' ? command : `${host}: ${command}`,
    typed: typedOn(host, command),
    section,
    excerpt,
    ...(derived && { derived }),
  }))
}

function reportTrace(trace: RunOutcome['traces'][number], typedOn: TypedOn): ReportTrace {
  const hops = trace.hops.map((hop) => ({ ...hop, used: reportEvidence(hop.used, typedOn) }))
  return { ...trace, hops }
}

/** Pings that were to be followed and could not be; the member is left out where there are none. */
function notTraced({ observations = [] }: ClusterSnapshot): Pick<Report, 'notTraced'> {
  const untraced = observations.flatMap((one) => {
    if (one.kind !== 'untraced') return []
    const { source, target, reason } = one
    return [{ source, target, reason }]
  })
  return untraced.length > 0 ? { notTraced: untraced } : {}
}

/** What probes saw; what was seen of a packet that was followed is told by its trace. */
function probeObservations({ observations = [] }: ClusterSnapshot): readonly ProbeObservation[] {
  return observations.flatMap((one) => (one.kind === 'trace' || one.kind === 'untraced' ? [] : [one]))
}

function reportFixes(fixes: readonly Fix[], typedOn: TypedOn): ReportFix[] {
  return fixes.map((fix) => ({
    ...fix,
    typed: typedOn(fix.host, fix.command),
    ...(fix.undo !== undefined && { undoTyped: typedOn(fix.host, fix.undo) }),
  }))
}

function reportFinding(finding: Finding, typedOn: TypedOn): ReportFinding {
  const {
    explains: _edges,
    evidence,
    fixes,
    unseenByPings: _unseen,
    hostsKeepFormer: _former,
    ofContainer: _container,
    ...rest
  } = finding
  return { ...rest, fixes: reportFixes(fixes, typedOn), evidence: reportEvidence(evidence, typedOn) }
}

function reference({ code, subject }: Finding): FindingRef {
  return { code, subject }
}

function waiverWords({ reason, until }: Waiver): NonNullable<ReportFinding['waived']> {
  return { reason, ...(until !== undefined && { until }) }
}

function reportResult(result: CheckResult, { typedOn, waived }: RunOutcome): ReportResult {
  // There is nothing to copy in most of them.
  if (result.findings.length === 0) return result as CheckResult & { readonly findings: readonly never[] }
  const findings = result.findings.map((finding) => {
    const waiver = waived.findings.get(finding)
    return { ...reportFinding(finding, typedOn), ...(waiver && { waived: waiverWords(waiver) }) }
  })
  return { ...result, findings }
}

/** Members of the report that are there only where somebody has waived something. */
function waivedParts({ typedOn, waived }: RunOutcome): Pick<Report, 'waived' | 'waivers'> {
  if (waived.waivers.length === 0) return {}
  const causes = waived.waivedCauses.map((cause, at) => ({
    ...reportCause({ ...cause, rank: at + 1 }, typedOn),
    waived: waiverWords(waived.findings.get(cause.finding) ?? { code: '', reason: '' }),
  }))
  return { waived: causes, waivers: waived.waivers }
}

function reportCause(cause: Cause, typedOn: TypedOn): ReportCause {
  const { finding, severity, rank, explains, agreement } = cause
  return {
    code: finding.code,
    subject: finding.subject,
    rank,
    message: finding.message,
    severity,
    explains: explains.map(reference),
    remedy: finding.fix,
    fixes: reportFixes(finding.fixes, typedOn),
    ...(finding.expected !== undefined && { expected: finding.expected }),
    ...(finding.observed !== undefined && { observed: finding.observed }),
    evidence: reportEvidence(finding.evidence, typedOn),
    agreement,
  }
}

function reportCommand({ beganAt, ...command }: RecordedCommand, startedAt: string): ReportCommand {
  const at = beganAt === undefined ? undefined : Math.round(beganAt - Date.parse(startedAt))
  return { ...command, ...(at !== undefined && { at }) }
}

/** Puts the document together. */
export function buildReport(outcome: RunOutcome): Report {
  const { typedOn } = outcome
  return {
    schemaVersion: SCHEMA_VERSION,
    ...outcome.judgement,
    failOn: outcome.failOn,
    run: outcome.run,
    network: outcome.network,
    results: outcome.results.map((result) => reportResult(result, outcome)),
    hosts: [...outcome.snapshot.hosts.values()].map((host) =>
      reportHost(host, outcome.nodes?.get(host.host)?.name),
    ),
    datastoreProblems: datastoreProblems(outcome.snapshot.datastore),
    traces: outcome.traces.map((trace) => reportTrace(trace, typedOn)),
    ...notTraced(outcome.snapshot),
    observations: probeObservations(outcome.snapshot),
    causes: outcome.waived.causes.map((cause) => reportCause(cause, typedOn)),
    ...waivedParts(outcome),
    unexplained: [],
    ruledOut: outcome.ruledOut,
    notSelected: outcome.notSelected,
    conformance: [],
    sections: reportSections(outcome.snapshot, outcome.waived.causes),
    commands: outcome.commands.map((command) => reportCommand(command, outcome.run.startedAt)),
  }
}
