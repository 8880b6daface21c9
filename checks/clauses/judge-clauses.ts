/** Clauses, evaluated checks and observations to a status per clause. */
import type { Check } from '../check.ts'
import { applies, type Running, whyNot } from './applies.ts'
import type { Clause, ClauseObservation } from './clause.ts'
import { type JudgedCheck, type JudgedClause, judgeStatic } from './judge-static.ts'

/** What actions showed, and why not more. */
export interface Acted {
  readonly observations: readonly ClauseObservation[]
  readonly problem?: string
}

/** What is judged. */
export interface Seen {
  readonly running: Running
  readonly results: readonly JudgedCheck[]
  /** What actions showed; undefined when none was allowed. */
  readonly acted?: Acted
}

/** True when the clause is about any host of the network. */
export function isAbout(clause: Clause, running: Running): boolean {
  const { versions } = running
  const each = versions.size === 0 ? [undefined] : [...versions.values()]
  return each.some((version) => applies(clause, version, running) !== 'no')
}

/** The worst thing seen counts. */
const WORST = ['not-met', 'undecided', 'met'] as const

function judgeDynamic(clause: Clause, { running, acted }: Seen): JudgedClause {
  if (!isAbout(clause, running)) {
    return { clause, status: 'outside', reason: whyNot(clause, running), breaches: [] }
  }
  const own = (acted?.observations ?? []).filter((seen) => seen.clause === clause.id)
  const status = WORST.find((word) => own.some((seen) => seen.status === word))
  if (status === undefined) {
    const reason =
      acted === undefined
        ? 'needs an action: a lab, or --disruptive'
        : (acted.problem ?? 'no action showed it')
    return { clause, status: 'not-tested', reason, breaches: [] }
  }
  const reason = own.filter((seen) => seen.status === status).map(({ observed }) => observed)
  return { clause, status, reason: [...new Set(reason)].join('; '), breaches: [] }
}

/** Judges every clause, in the order given. `checks` are all registered ones. */
export function judgeClauses(
  clauses: readonly Clause[],
  seen: Seen,
  checks: readonly Check[],
): readonly JudgedClause[] {
  const judging = { ...seen, checks: new Map(checks.map((check) => [check.id, check])) }
  return clauses.map((clause) =>
    clause.proof.kind === 'static' ? judgeStatic(clause, judging) : judgeDynamic(clause, seen),
  )
}
