/** A clause that collected state decides, judged from what the checks found. */
import type { Check, CheckId, Outcome, Subject } from '../check.ts'
import { present } from '../model/present.ts'
import type { HostName } from '../model/snapshot.ts'
import { type Applies, applies, hasRange, type Running, whyNot } from './applies.ts'
import type { Clause, ClauseStatus, StaticProof } from './clause.ts'

/** What of a finding a clause needs: where it is broken, and what to do. */
export interface Breach {
  readonly code: string
  readonly subject: Subject
  readonly message: string
  readonly fix: string
  readonly expected?: string
  readonly observed?: string
}

/** A check result, of the evaluation or of a report. */
export interface JudgedCheck {
  readonly check: string
  readonly host?: HostName
  readonly outcome: Outcome
  readonly reason?: string
  /** Set where the reason is that the datastore could not be read. */
  readonly blockedBy?: 'datastore'
  readonly findings: readonly Breach[]
}

/** Why is said once for the whole network. */
const UNREAD_DATASTORE = 'what the datastore holds could not be read'

/** A clause with what was seen of it. `outside`: it is not about what runs here, and no claim counts it. */
export interface JudgedClause {
  readonly clause: Clause
  readonly status: ClauseStatus | 'outside'
  /** Why it is not met, undecided, not tested or outside; for an action what was seen. */
  readonly reason?: string
  readonly breaches: readonly Breach[]
}

/** Everything a clause is judged from. */
export interface Judging {
  readonly running: Running
  readonly results: readonly JudgedCheck[]
  /** Checks on trial run and report, but break no clause. */
  readonly checks: ReadonlyMap<CheckId, Check>
}

type Status = Omit<JudgedClause, 'clause'>

const without = (status: JudgedClause['status'], reason?: string): Status => ({
  status,
  ...present({ reason }),
  breaches: [],
})

/** Codes that can break the clause. */
function countingCodes({ codes }: StaticProof, checks: Judging['checks']): string[] {
  return codes.filter((code) => checks.get(code.split(':')[0] as CheckId)?.stage !== 'trial')
}

/** Whether the clause is about the host; about the whole network, when it is about any host. */
function about(clause: Clause, host: HostName | undefined, running: Running): Applies {
  const { versions } = running
  const of = (version: string | undefined): Applies => applies(clause, version, running)
  if (host !== undefined && versions.has(host)) return of(versions.get(host))
  const each = [...versions.values()].map(of)
  if (each.length === 0) return of(undefined)
  if (each.includes('yes')) return 'yes'
  return each.includes('unknown') ? 'unknown' : 'no'
}

const where = ({ host, check, reason }: JudgedCheck): string =>
  `${host === undefined ? '' : `${host}: `}${check} ${reason ?? 'gave no result'}`

/** What keeps the results from deciding. A check that found something else may still be unsure of this. */
function doubts(results: readonly JudgedCheck[]): string[] {
  const open = results.filter(
    ({ outcome, reason }) =>
      outcome === 'inconclusive' || outcome === 'error' || (outcome === 'fail' && reason !== undefined),
  )
  return [...new Set(open.map((one) => (one.blockedBy === undefined ? where(one) : UNREAD_DATASTORE)))]
}

function statusOf(clause: Clause, results: readonly JudgedCheck[], judging: Judging): Status {
  const proof = clause.proof as StaticProof
  const codes = new Set(countingCodes(proof, judging.checks))
  const found = results.flatMap(({ findings }) => findings.filter(({ code }) => codes.has(code)))
  const sure = found.filter(({ subject }) => about(clause, subject.host, judging.running) === 'yes')
  if (sure.length > 0) return { status: 'not-met', breaches: sure }
  const unsure = found.filter(({ subject }) => about(clause, subject.host, judging.running) === 'unknown')
  if (unsure.length > 0) {
    const what = hasRange(clause) ? 'the version of flanneld' : 'the backend, or what has the leases,'
    return without(
      'undecided',
      `${what} is not known, and the clause is not about all: ${unsure[0]?.message}`,
    )
  }
  const doubt = doubts(results)
  if (doubt.length > 0) return without('undecided', doubt.join('; '))
  if (results.every(({ outcome }) => outcome === 'not-applicable')) {
    return without('outside', [...new Set(results.map(where))].join('; '))
  }
  return without('met')
}

/** Judges a clause from the results of its checks on the hosts it is about. */
export function judgeStatic(clause: Clause, judging: Judging): JudgedClause {
  const { running } = judging
  if (about(clause, undefined, running) === 'no')
    return { clause, ...without('outside', whyNot(clause, running)) }
  const codes = countingCodes(clause.proof as StaticProof, judging.checks)
  if (codes.length === 0) return { clause, ...without('outside', 'its checks are on trial') }
  const checks = new Set(codes.map((code) => code.split(':')[0]))
  const results = judging.results.filter(({ check }) => checks.has(check))
  if (results.length === 0) return { clause, ...without('not-tested', 'its checks were not run') }
  const relevant = results.filter(({ host }) => about(clause, host, running) !== 'no')
  return { clause, ...statusOf(clause, relevant, judging) }
}
