/** Looks at a lab as `check` does, again and again until it looks as awaited or time is up. */
import type { Report } from '../../reports/report.ts'
import { loadInventory } from '../inventory.ts'
import { judge } from '../judge.ts'
import { collectCluster, DEFAULT_CONCURRENCY } from '../session.ts'
import { seriousFindings } from './matrix-result.ts'
import { findLab } from './state.ts'

const RUN: Report['run'] = {
  tool: 'flannel-doctor',
  version: 'matrix',
  startedAt: '',
  durationMs: 0,
  level: 'read-only',
  argv: [],
}

/** Collects and judges every host of the lab once. */
export async function judgeLab(name: string, signal: AbortSignal): Promise<Report> {
  const inventory = await loadInventory(findLab(name).inventory)
  const { snapshot, commands } = await collectCluster(inventory, { concurrency: DEFAULT_CONCURRENCY, signal })
  return judge(snapshot, { run: RUN, commands }, { selection: { only: [], skip: [] }, failOn: 'warning' })
}

/** The first report that is as awaited, or the last one before `patienceMs` had passed. */
export async function observe(
  name: string,
  until: { readonly patienceMs: number; readonly signal: AbortSignal },
  awaited: (report: Report) => boolean,
): Promise<Report> {
  const deadline = performance.now() + until.patienceMs
  for (;;) {
    const report = await judgeLab(name, until.signal)
    if (awaited(report) || performance.now() > deadline || until.signal.aborted) return report
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Codes of what is wrong at warning or above, each once. */
export function seriousCodes(report: Report): readonly string[] {
  return [...new Set(seriousFindings(report).map(({ code }) => code))]
}
