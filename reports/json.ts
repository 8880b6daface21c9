import type { Reporter } from './report.ts'

/** The Report document itself, indented, one trailing newline. */
export const json: Reporter = (report) => `${JSON.stringify(report, null, 2)}\n`
