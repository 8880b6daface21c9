/** Every form of the certificate by name. Adding one is a file and a line here. */
import { certificateOf } from './certificate-lines.ts'
import { certificateMarkdown } from './certificate-markdown.ts'
import { certificateTap } from './certificate-tap.ts'
import { certificateText } from './certificate-text.ts'
import { EXIT } from './exit-code.ts'
import type { Report, Reporter } from './report.ts'

/** The certificate as a document of its own: claims and environment, without hosts' state. */
const certificateJson: Reporter = (report) => {
  const { tool, version, startedAt, interrupted } = report.run
  const document = {
    schemaVersion: report.schemaVersion,
    tool,
    version,
    startedAt,
    ...(interrupted !== undefined && { interrupted }),
    ...certificateOf(report),
    claims: report.conformance,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

export const CERTIFICATES: Readonly<Record<string, Reporter>> = {
  text: certificateText,
  json: certificateJson,
  markdown: certificateMarkdown,
  tap: certificateTap,
}

/** 0 conformant, 1 not conformant, 3 undecided, 130 interrupted. */
export function certificateExit(report: Report): number {
  if (report.run.interrupted !== undefined) return EXIT.interrupted
  const { verdict } = certificateOf(report)
  return { conformant: EXIT.healthy, 'not-conformant': EXIT.findings, undecided: EXIT.undecided }[verdict]
}
