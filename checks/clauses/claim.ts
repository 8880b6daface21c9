/** From judged clauses to a claim per profile. */
import type { ClauseLevel, Profile } from './clause.ts'
import type { JudgedClause } from './judge-static.ts'

export type ClaimVerdict = 'conformant' | 'not-conformant' | 'undecided'

/** What is claimed of one profile. */
export interface Claim {
  readonly profile: Profile
  readonly verdict: ClaimVerdict
  /** Why it is undecided where no clause says so. */
  readonly reason?: string
  /** Clauses of the profile that are about what runs here. */
  readonly clauses: readonly JudgedClause[]
  /** Clauses of the profile that are about other versions, backends or set-ups. */
  readonly outside: readonly JudgedClause[]
}

/** How a claim is made. */
export interface ClaimSettings {
  /** A SHOULD counts like a MUST. */
  readonly strict: boolean
  /** Actions were allowed: then a clause that only an action shows counts when it was not tested. */
  readonly acted: boolean
}

/** The levels that break a claim. A MAY never does. */
export function countingLevels(strict: boolean): readonly ClauseLevel[] {
  return strict ? ['MUST', 'SHOULD'] : ['MUST']
}

function verdictOf(
  clauses: readonly JudgedClause[],
  { strict, acted }: ClaimSettings,
): Pick<Claim, 'verdict' | 'reason'> {
  const levels = countingLevels(strict)
  const counting = clauses.filter(({ clause }) => levels.includes(clause.level))
  const has = (status: JudgedClause['status'], of = counting): boolean =>
    of.some((judged) => judged.status === status)
  if (counting.length === 0)
    return { verdict: 'undecided', reason: `no ${levels.join(' or ')} is about what runs here` }
  if (has('not-met')) return { verdict: 'not-conformant' }
  if (has('undecided')) return { verdict: 'undecided' }
  const must = acted ? counting : counting.filter(({ clause }) => clause.proof.kind === 'static')
  if (has('not-tested', must)) return { verdict: 'undecided', reason: 'not every clause was tested' }
  if (!has('met')) return { verdict: 'undecided', reason: 'nothing that could show it was done' }
  return { verdict: 'conformant' }
}

/** The claim of a profile: conformant when every MUST that is about what runs here is met. */
export function claimOf(profile: Profile, judged: readonly JudgedClause[], settings: ClaimSettings): Claim {
  const own = judged.filter(({ clause }) => clause.profiles.includes(profile))
  const clauses = own.filter(({ status }) => status !== 'outside')
  const outside = own.filter(({ status }) => status === 'outside')
  if (clauses.length === 0) {
    const reason =
      own.length === 0 ? 'the profile has no clause yet' : 'no clause of it is about what runs here'
    return { profile, verdict: 'undecided', reason, clauses, outside }
  }
  return { profile, ...verdictOf(clauses, settings), clauses, outside }
}
