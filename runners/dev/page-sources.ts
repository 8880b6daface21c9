/** The clauses that a check's findings break, as its page lists them at the head of "Sources". */
import type { Clause } from '../../checks/clauses/clause.ts'

/** `Clauses: FL-VXLAN-07, FL-VXLAN-08`; a line that says so where none names the check. */
export function clauseLine(id: string, clauses: readonly Clause[]): string {
  const broken = clauses.filter(
    ({ proof }) => proof.kind === 'static' && proof.codes.some((code) => code.startsWith(`${id}:`)),
  )
  return `Clauses: ${broken.map((clause) => clause.id).join(', ') || 'none'}`
}

/** The page with that line as the first of its sources. */
export function withClauseLine(page: string, line: string): string {
  return page.replace(/^## Sources\n\n(?:Clauses: .*\n\n?)?/m, `## Sources\n\n${line}\n\n`)
}
