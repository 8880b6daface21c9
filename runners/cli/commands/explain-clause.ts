/** `explain FL-VXLAN-03`: what a clause asks, of whom, and what shows it. */
import type { Check } from '../../../checks/check.ts'
import { type Clause, LEASES_IN } from '../../../checks/clauses/clause.ts'
import { CLAUSES } from '../../../checks/clauses/registry.ts'
import { InputError } from '../../input-error.ts'
import { nearestName } from '../../nearest-name.ts'
import type { CommandOutput } from '../options/output.ts'

/** The flannel versions that a clause is for. */
export function versionRange({ since, until }: Clause): string {
  if (since === undefined && until === undefined) return 'all'
  return [since && `from ${since}`, until && `before ${until}`].filter(Boolean).join(', ')
}

function codeLines(code: string, checks: readonly Check[]): string[] {
  const [id, adjective = ''] = code.split(':')
  const findings = checks.find((check) => check.id === id)?.findings as Check['findings'] | undefined
  const kind = findings?.[adjective as never] as { says: string; fix: string } | undefined
  return kind === undefined ? [`  ${code}`] : [`  ${code}`, `    says  ${kind.says}`, `    fix   ${kind.fix}`]
}

/** The text of a clause. Throws InputError when there is none of that id. */
export function explainClause(
  id: string,
  checks: readonly Check[],
  ofPlugins: readonly Clause[] = [],
): CommandOutput {
  const clause = [...CLAUSES, ...ofPlugins].find((known) => known.id === id)
  if (clause === undefined) {
    const near = nearestName(
      id,
      CLAUSES.map((known) => known.id),
    )
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    throw new InputError(`explain ${id}: no such clause${hint} (see: flannel-doctor list clauses)`)
  }
  const { proof } = clause
  const lines = [
    `${clause.id}  ${clause.level}`,
    '',
    clause.says,
    '',
    `source    ${clause.source}`,
    `versions  ${versionRange(clause)}`,
    `backends  ${clause.backends?.join(', ') ?? 'all'}`,
    `leases    ${clause.leases ? `in ${LEASES_IN[clause.leases]}` : 'anywhere'}`,
    `profiles  ${clause.profiles.join(', ')}`,
    '',
    ...(proof.kind === 'static'
      ? ['broken by', ...proof.codes.flatMap((code) => codeLines(code, checks))]
      : [`shown by the action ${proof.scenario}, on a lab or with --disruptive`]),
  ]
  return { stdout: `${lines.join('\n')}\n`, exit: 0 }
}
