/** The Report document: everything a run found out, once. Every reporter is a pure function of it. */
import type { Outcome, Severity } from '../../checks/check.ts'
import type { JudgedWaiver } from '../../checks/diagnosis/waivers.ts'
import type { ProbeObservation } from '../../checks/model/observation.ts'
import type { JudgedTrace } from '../../checks/trace/seen/judged-trace.ts'
import type { Hop } from '../../checks/trace/trace.ts'
import type { Scope } from '../../checks/verdict/scope.ts'
import type { Verdict } from '../../checks/verdict/verdict.ts'
import type { ReportCertificate, ReportClaim } from './certificate.ts'
import type { FindingRef, ReportEvidence, ReportFinding, ReportFix, ReportSubject } from './report-finding.ts'
import type { ReportSection } from './report-sections.ts'

export const SCHEMA_VERSION = 1

export type {
  FindingRef,
  ReportEvidence,
  ReportFinding,
  ReportFix,
  ReportSubject,
} from './report-finding.ts'

import type { ReportHost } from './report-host.ts'

export type { ReportHost } from './report-host.ts'

/** What one check said of one host, or of the whole network. */
export interface ReportResult {
  readonly check: string
  readonly scope: 'cluster' | 'host'
  readonly host?: string
  readonly outcome: Outcome
  /** Why inconclusive, not-applicable or error. */
  readonly reason?: string
  /** Set where the reason is that the datastore could not be read: `datastoreProblems` says why. */
  readonly blockedBy?: 'datastore'
  readonly findings: readonly ReportFinding[]
}

/** A finding that no other one explains. */
export interface ReportCause {
  readonly code: string
  readonly subject: ReportSubject
  readonly rank: number
  readonly message: string
  readonly severity: Severity
  readonly explains: readonly FindingRef[]
  readonly remedy: string
  readonly fixes: readonly ReportFix[]
  readonly expected?: string
  readonly observed?: string
  readonly evidence: readonly ReportEvidence[]
  /** `predicted-only` until a packet confirmed it. */
  readonly agreement: 'confirmed' | 'predicted-only' | 'contradicted'
}

/** A cause that somebody has accepted. */
export interface WaivedCause extends ReportCause {
  readonly waived: NonNullable<ReportFinding['waived']>
}

export interface ReportNetwork {
  /** Of etcd's keys, or of the annotations of nodes. */
  readonly prefix: string
  /** `v2`, `v3` or `kubernetes`. */
  readonly api: string
  /** By which right the Kubernetes API was asked: `kubeconfig /etc/kubernetes/admin.conf`. */
  readonly access?: string
  readonly config: string
  readonly backend: string
  /** The network in CIDR form. */
  readonly network: string
  readonly leases: readonly {
    readonly subnet: string
    readonly publicIp: string
    readonly host?: string
    readonly ttlSeconds?: number
    readonly vtepMac?: string
  }[]
}

export interface ReportCommand {
  readonly host: string
  readonly argv: readonly string[]
  readonly ms: number
  readonly end: string
  /** When it began, milliseconds after the run did. */
  readonly at?: number
}

/** A hop with its entries as evidence. */
export interface ReportHop extends Omit<Hop, 'used'> {
  readonly used: readonly ReportEvidence[]
}

/** One direction of a ping that was followed. */
export interface ReportTrace extends Omit<JudgedTrace, 'hops'> {
  readonly hops: readonly ReportHop[]
  /** Somebody has accepted that it is lost. */
  readonly waived?: true
}

/** One of several saved states that were judged as one network. */
export interface RecordedBundle {
  readonly from: string
  readonly hosts: readonly string[]
  /** When it was taken, by the clock of its host. */
  readonly at: string
  /** Of the flannel-doctor that took it. */
  readonly version?: string
  /** How far that clock is ahead of the one whose reading of etcd counts, where etcd's keys say it. */
  readonly clockAheadSeconds?: number
  /** Its host could not read etcd. */
  readonly etcdUnread?: true
}

/** What was replayed. */
export interface Recorded {
  readonly from: string
  readonly at: string
  /** Set where several saved states were judged as one. */
  readonly bundles?: readonly RecordedBundle[]
  /** Between the first and the last of them, clocks corrected. */
  readonly spanSeconds?: number
  /** Keys of etcd that changed in that time. */
  readonly changed?: readonly string[]
}

/** What a run found; its JSON form is described by `report.schema.json`. */
export interface Report {
  readonly schemaVersion: 1
  readonly verdict: Verdict
  /** What the verdict is about, and what it is not. */
  readonly scope: Scope
  /** What to pass or to do for a better verdict. */
  readonly advice: readonly string[]
  /** The severity from which a finding makes the run fail; it changes the exit status alone. */
  readonly failOn: Severity
  readonly run: {
    readonly tool: string
    readonly version: string
    readonly startedAt: string
    readonly durationMs: number
    readonly level: 'read-only' | 'probe' | 'capture' | 'intrude'
    readonly argv: readonly string[]
    /** Set for a replay: the folder and when it was recorded. */
    readonly recorded?: Recorded
    /** Hosts that were collected at the same time, at most; absent for a replay. */
    readonly concurrency?: number
    /** Set when Ctrl-C or the deadline ended the run early. */
    readonly interrupted?: string
  }
  readonly network: ReportNetwork | null
  /** Why `network` is null, or what else the datastore could not tell. */
  readonly datastoreProblems: readonly string[]
  readonly hosts: readonly ReportHost[]
  readonly results: readonly ReportResult[]
  /** What probes saw; empty when none was sent. */
  readonly observations: readonly ProbeObservation[]
  /** Request and reply of each ping that was followed. */
  readonly traces: readonly ReportTrace[]
  /** Pings that were to be followed and could not be, as they were asked for; absent when there are none. */
  readonly notTraced?: readonly {
    readonly source: string
    readonly target: string
    readonly reason: string
  }[]
  readonly causes: readonly ReportCause[]
  /** Causes that somebody has accepted: they count neither for the verdict nor for the exit status. */
  readonly waived?: readonly WaivedCause[]
  /** Every waiver that was given, and what became of it; absent when none was. */
  readonly waivers?: readonly JudgedWaiver[]
  /** Empty: every finding is a cause or the symptom of one. The field stays for those who read it. */
  readonly unexplained: readonly FindingRef[]
  /** Candidate causes that were checked and are clean. */
  readonly ruledOut: readonly string[]
  readonly notSelected: readonly { readonly check: string; readonly flag: string }[]
  /** What is claimed of each profile; empty when no clause was judged. */
  readonly conformance: readonly ReportClaim[]
  /** Set by `conformance`. */
  readonly certificate?: ReportCertificate
  readonly commands: readonly ReportCommand[]
  /** Whole sections of hosts behind the causes, the first ones; absent in reports of older versions. */
  readonly sections?: readonly ReportSection[]
}

/** Renders a report. `width` is the terminal's; `color` is decided by the caller. */
export type Reporter = (
  report: Report,
  options: { readonly color: boolean; readonly width: number },
) => string
