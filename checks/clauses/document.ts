/** The clauses as one document, conformance.json: a change of the contract is a change of that file. */
import type { Clause, ClauseId } from './clause.ts'

/** Clauses that are gone. Their numbers stay taken. */
export const RETIRED: readonly ClauseId[] = []

export interface ConformanceDocument {
  readonly clauses: readonly Clause[]
  /** Ids of clauses that are gone; never used again. */
  readonly retired: readonly ClauseId[]
}

/** What conformance.json holds. */
export function conformanceDocument(clauses: readonly Clause[]): ConformanceDocument {
  return { clauses, retired: RETIRED }
}

/** Ids that were in the former document and are neither in use nor retired now. */
export function vanishedIds(former: ConformanceDocument, now: ConformanceDocument): readonly ClauseId[] {
  const known = new Set([...now.clauses.map(({ id }) => id), ...now.retired])
  return [...former.clauses.map(({ id }) => id), ...former.retired].filter((id) => !known.has(id))
}

/** Ids that were retired in the former document and are in use now, and those that stand twice. */
export function reusedIds(former: ConformanceDocument, now: ConformanceDocument): readonly ClauseId[] {
  const retired = new Set([...former.retired, ...now.retired])
  const seen = new Set<ClauseId>()
  return now.clauses.flatMap(({ id }) => {
    const again = retired.has(id) || seen.has(id)
    seen.add(id)
    return again ? [id] : []
  })
}
