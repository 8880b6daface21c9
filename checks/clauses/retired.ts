/** Clauses that are gone. Their numbers stay taken. */
import type { ClauseId } from './clause.ts'

export const RETIRED: readonly ClauseId[] = []
