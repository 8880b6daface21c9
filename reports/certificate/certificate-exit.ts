/** Certificate to exit status. */

import { EXIT } from '../document/exit-code.ts'
import type { Report } from '../document/report.ts'
import { certificateOf } from './certificate-lines.ts'

/** 0 conformant, 1 not conformant, 3 undecided, 130 interrupted. */
export function certificateExit(report: Report): number {
  if (report.run.interrupted !== undefined) return EXIT.interrupted
  const { verdict } = certificateOf(report)
  return { conformant: EXIT.healthy, 'not-conformant': EXIT.findings, undecided: EXIT.undecided }[verdict]
}
