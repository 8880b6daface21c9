import { certificateOf } from '../certificate/certificate-lines.ts'
import type { Report, Reporter } from '../document/report.ts'
import { printableJson } from '../layout/printable.ts'

/** The certificate as a document of its own: claims and environment, without hosts' state. */
function certificateDocument(report: Report): object {
  const { tool, version, startedAt, interrupted } = report.run
  return {
    schemaVersion: report.schemaVersion,
    tool,
    version,
    startedAt,
    ...(interrupted !== undefined && { interrupted }),
    ...certificateOf(report),
    claims: report.conformance,
  }
}

/** The Report document itself, or the certificate in it, indented, one trailing newline. */
export const json: Reporter = (report) => {
  const document = report.certificate === undefined ? report : certificateDocument(report)
  return printableJson(document)
}
