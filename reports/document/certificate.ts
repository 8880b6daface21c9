/** The conformance part of the Report: claims, and what they were claimed of. */
import type { ClauseLevel, ClauseStatus } from '../../checks/clauses/clause.ts'
import type { ReportSubject } from './report.ts'

export type ClaimVerdict = 'conformant' | 'not-conformant' | 'undecided'

/** Where a clause is broken, and what to do. */
export interface ReportBreach {
  readonly code: string
  readonly subject: ReportSubject
  readonly message: string
  readonly expected?: string
  readonly observed?: string
  readonly fix: string
}

export interface ReportClause {
  readonly id: string
  readonly level: ClauseLevel
  readonly says: string
  readonly source: string
  /** `dynamic`: only an action shows it. */
  readonly proof: 'static' | 'dynamic'
  readonly status: ClauseStatus
  /** Why it is undecided or not tested; for an action what was seen. */
  readonly reason?: string
  readonly breaches: readonly ReportBreach[]
}

export interface ReportClaim {
  readonly profile: string
  /** What the profile asks for. */
  readonly says: string
  readonly verdict: ClaimVerdict
  readonly reason?: string
  readonly clauses: readonly ReportClause[]
  /** Clauses that are about other versions, backends or set-ups: no part of the claim. */
  readonly outside: readonly { readonly id: string; readonly reason: string }[]
}

/** What a claim holds for. Versions that could not be read are left out. */
export interface ReportEnvironment {
  readonly suite: string
  readonly flannel: readonly string[]
  /** Hosts whose flanneld does not say its version. */
  readonly flannelUnknown: number
  readonly backend?: string
  readonly etcd: readonly string[]
  readonly etcdApi?: string
  /** Version of the cluster whose nodes are the leases. */
  readonly kubernetes?: string
  readonly kernel: readonly string[]
  readonly iptables: readonly string[]
  readonly docker: readonly string[]
  readonly hosts: number
  readonly date: string
}

export interface ReportCertificate {
  readonly verdict: ClaimVerdict
  /** SHOULD counted like MUST. */
  readonly strict: boolean
  /** Actions were allowed; without them only what collected state shows is claimed. */
  readonly acted: boolean
  readonly environment: ReportEnvironment
}
