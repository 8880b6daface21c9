/** Certificate to exit status. */
import { certificateOf } from './certificate-lines.ts'
import { EXIT } from './exit-code.ts'
import type { Report } from './report.ts'

/** 0 conformant, 1 not conformant, 3 undecided, 130 interrupted. */
export function certificateExit(report: Report): number {
  if (report.run.interrupted !== undefined) return EXIT.interrupted
  const { verdict } = certificateOf(report)
  return { conformant: EXIT.healthy, 'not-conformant': EXIT.findings, undecided: EXIT.undecided }[verdict]
}
