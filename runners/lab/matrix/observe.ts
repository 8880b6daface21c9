/** Looks at a lab as `check` does, again and again until it looks as awaited or time is up. */
import type { Report } from '../../../reports/report.ts'
import { findLab } from '../running/state.ts'
import { seriousFindings } from './matrix-result.ts'
import { judgeLab } from './variant.ts'

/** The first report that is as awaited, or the last one before `patienceMs` had passed. */
export async function observe(
  name: string,
  until: { readonly patienceMs: number; readonly signal: AbortSignal },
  awaited: (report: Report) => boolean,
): Promise<Report> {
  const deadline = performance.now() + until.patienceMs
  for (;;) {
    const report = await judgeLab(findLab(name), until.signal)
    if (awaited(report) || performance.now() > deadline || until.signal.aborted) return report
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Codes of what is wrong at warning or above, each once. */
export function seriousCodes(report: Report): readonly string[] {
  return [...new Set(seriousFindings(report).map(({ code }) => code))]
}
