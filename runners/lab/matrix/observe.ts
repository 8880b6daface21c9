/** Looks at a lab as `check` does, again and again until it looks as awaited or time is up. */

import type { Report } from '../../../reports/report.ts'
import { poll } from '../../poll.ts'
import { findLab } from '../running/state.ts'
import { seriousFindings } from './matrix-result.ts'
import { judgeLab } from './variant.ts'

/** The first report that is as awaited, or the last one before `patienceMs` had passed. */
export async function observe(
  name: string,
  until: { readonly patienceMs: number; readonly signal: AbortSignal },
  awaited: (report: Report) => boolean,
): Promise<Report> {
  let last: Report | undefined
  const look = async (): Promise<Report | undefined> => {
    last = await judgeLab(findLab(name), until.signal)
    return awaited(last) ? last : undefined
  }
  const deadline = performance.now() + until.patienceMs
  return (
    (await poll(look, { deadline, pauseMs: 100, signal: until.signal })) ??
    last ??
    judgeLab(findLab(name), until.signal)
  )
}

/** Codes of what is wrong at warning or above, each once. */
export function seriousCodes(report: Report): readonly string[] {
  return [...new Set(seriousFindings(report).map(({ code }) => code))]
}
