/** Words that every form of the certificate shares. */
import type { ClaimVerdict, ReportClaim, ReportClause, ReportEnvironment } from '../document/certificate.ts'
import type { Report } from '../document/report.ts'

/** A report without a certificate cannot be rendered as one. Throws when it has none. */
export function certificateOf(report: Report): NonNullable<Report['certificate']> {
  if (report.certificate === undefined) throw new Error('the report has no certificate')
  return report.certificate
}

export const CLAIM_TITLES: Readonly<Record<ClaimVerdict, string>> = {
  conformant: 'CONFORMANT',
  'not-conformant': 'NOT CONFORMANT',
  undecided: 'UNDECIDED',
}

/** Every clause of the claims once, in the order of the claims. */
export function clausesOf({ conformance }: Pick<Report, 'conformance'>): readonly ReportClause[] {
  return [
    ...new Map(conformance.flatMap(({ clauses }) => clauses).map((clause) => [clause.id, clause])).values(),
  ]
}

/** How many clauses of a claim have each status, and how many are about something else. */
export function countsOf({
  clauses,
  outside,
}: ReportClaim): Readonly<Record<ReportClause['status'] | 'outside', number>> {
  const count = (status: ReportClause['status']): number =>
    clauses.filter((clause) => clause.status === status).length
  return {
    met: count('met'),
    'not-met': count('not-met'),
    undecided: count('undecided'),
    'not-tested': count('not-tested'),
    outside: outside.length,
  }
}

/** What was claimed: all, or only what shows without an action. */
export function scopeOf(report: Report): string {
  const { acted, strict } = certificateOf(report)
  const levels = strict ? 'every MUST and SHOULD' : 'every MUST'
  return acted ? levels : `${levels} that shows without an action`
}

const joined = (values: readonly string[]): string => (values.length === 0 ? 'unknown' : values.join(', '))

/** Label and value of each part of the environment. */
export function environmentRows(environment: ReportEnvironment): readonly (readonly [string, string])[] {
  const { flannel, flannelUnknown, hosts, kubernetes } = environment
  const unread =
    flannelUnknown === 0 || flannel.length === 0 ? '' : `, unknown on ${flannelUnknown} of ${hosts} hosts`
  return Object.entries({
    suite: `flannel-doctor ${environment.suite}`,
    flannel: `${joined(flannel)}${unread}`,
    backend: environment.backend ?? 'unknown',
    ...(kubernetes === undefined
      ? { etcd: `${joined(environment.etcd)}, API ${environment.etcdApi ?? 'unknown'}` }
      : { Kubernetes: kubernetes }),
    kernel: joined(environment.kernel),
    iptables: joined(environment.iptables),
    Docker: environment.docker.length === 0 ? 'none' : joined(environment.docker),
    hosts: String(hosts),
    date: environment.date,
  })
}

/** Host, peer and object of a breach in one line. */
export function placeOf({ subject: { host, peer, object } }: ReportClause['breaches'][number]): string {
  const hosts = [host, peer].filter((name) => name !== undefined).join(' → ')
  return [hosts, object].filter((part) => part !== undefined && part !== '').join('  ')
}
