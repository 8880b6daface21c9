/** The certificate as TAP 13: one test point per clause. */
import type { ReportClause } from './certificate.ts'
import { certificateOf, clausesOf } from './certificate-lines.ts'
import { printable } from './printable.ts'
import type { Reporter } from './report.ts'

/** A `#` would begin a directive. */
const plain = (text: string): string => printable(text, 2000).replaceAll('#', '\\#')

function point(clause: ReportClause, number: number, levels: readonly string[]): string[] {
  const { id, level, says, status, reason } = clause
  const name = `${number} - ${id} ${level} ${plain(says)}`
  if (status === 'not-tested') return [`ok ${name} # SKIP ${plain(reason ?? 'not tested')}`]
  const isOk = status === 'met'
  // What no claim counts is shown, but fails nothing.
  if (!isOk && !levels.includes(level))
    return [`ok ${name} # SKIP ${status.replace('-', ' ')}, but a ${level} does not count`]
  const notes = [...(reason === undefined ? [] : [reason]), ...clause.breaches.map(({ message }) => message)]
  return [`${isOk ? 'ok' : 'not ok'} ${name}`, ...notes.map((note) => `# ${plain(note)}`)]
}

/** Renders one test point per clause; undecided is not ok, not tested is skipped. */
export const certificateTap: Reporter = (report) => {
  const levels = certificateOf(report).strict ? ['MUST', 'SHOULD'] : ['MUST']
  const clauses = clausesOf(report)
  const points = clauses.flatMap((clause, index) => point(clause, index + 1, levels))
  return `${['TAP version 13', `1..${clauses.length}`, ...points].join('\n')}\n`
}
