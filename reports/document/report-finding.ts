/** Findings of a Report: what is wrong, what proves it, what heals it. */
import type { Confidence, Effect, Severity } from '../../checks/check.ts'

export interface ReportEvidence {
  /** `HOST: COMMAND`, as typed in a shell of that host; the command alone for the datastore. */
  readonly command: string
  /** The same as it is typed where flannel-doctor ran: with `ip netns exec`, `docker exec` or `ssh` in front. */
  readonly typed: string
  readonly section: string
  readonly excerpt: string
  /** True where the excerpt is a conclusion and not a line that the command prints. */
  readonly derived?: true
}

/** One command that heals, as `Fix` of the checks has it, and how it is typed where flannel-doctor ran. */
export interface ReportFix {
  /** Empty: wherever etcd can be reached. */
  readonly host: string
  readonly command: string
  readonly typed: string
  readonly effect: string
  readonly undo?: string
  readonly undoTyped?: string
  readonly restartProof: boolean
}

export interface ReportSubject {
  readonly host?: string
  readonly peer?: string
  readonly object?: string
}

/** One difference between what should be and what is. */
export interface ReportFinding {
  readonly code: string
  readonly severity: Severity
  readonly effect: Effect
  readonly confidence: Confidence
  readonly subject: ReportSubject
  readonly message: string
  readonly expected?: string
  readonly observed?: string
  readonly evidence: readonly ReportEvidence[]
  readonly fix: string
  readonly fixes: readonly ReportFix[]
  /** Somebody has accepted it, or what alone explains it: it does not count. */
  readonly waived?: { readonly reason: string; readonly until?: string }
}

/** Points at a finding by code and subject. */
export interface FindingRef {
  readonly code: string
  readonly subject: ReportSubject
}
