/**
 * The one way from an inventory to a report: collect, then the steps asked for (probe, trace, save, what a command
 * brings of its own), then judge. A run that is stopped still ends with a report of what it has.
 */

import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { Recorded, Report } from '../../reports/document/report.ts'
import { interruption } from '../interruption.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { unlessOverdue } from '../overdue.ts'
import { type CollectionSettings, collectCluster } from './collecting/collect-cluster.ts'
import type { DatastoreTarget } from './collecting/read-datastore.ts'
import type { JudgeSettings } from './judging/judge.ts'
import { runRecord } from './run-record.ts'
import type { LoadSettings } from './saved/saved-cluster.ts'
import type { Gathered, Step } from './steps/step.ts'

export interface RunSettings {
  readonly collection: CollectionSettings
  /** Everything, failing from warning on, unless given. */
  readonly judging?: JudgeSettings
  /** In their order. */
  readonly steps?: readonly Step[]
}

/** A report, and the snapshot that was judged. */
export interface FinishedRun {
  readonly report: Report
  readonly snapshot: ClusterSnapshot
  /** Where the leases were read; absent for a replay. */
  readonly datastore?: DatastoreTarget
}

/** No check left out, failing from warning on. */
export const JUDGE_ALL: JudgeSettings = { selection: { only: [], skip: [] }, failOn: 'warning' }

/** Which checks run and which findings count, as flags and options say it. */
type JudgeFlags = Partial<JudgeSettings['selection'] & Omit<JudgeSettings, 'selection'>>

/** Settings out of what was said; the rest as in `JUDGE_ALL`. */
export function judgeSettings({
  only = [],
  skip = [],
  namespace,
  failOn = JUDGE_ALL.failOn,
  waivers = [],
  plugins,
}: JudgeFlags): JudgeSettings {
  return { selection: { only, skip, ...present({ namespace }) }, failOn, waivers, ...present({ plugins }) }
}

const LEVELS: readonly Report['run']['level'][] = ['read-only', 'probe', 'capture', 'intrude']

function furthest(steps: readonly Step[], { observations = [] }: ClusterSnapshot): Report['run']['level'] {
  const captured = observations.some(({ kind }) => kind === 'trace') ? [LEVELS.indexOf('capture')] : []
  const reached = [...steps.map(({ level }) => LEVELS.indexOf(level)), ...captured]
  return LEVELS[Math.max(0, ...reached)] ?? 'read-only'
}

function interruptedBy({ signal }: Pick<CollectionSettings, 'signal'>): Pick<Report['run'], 'interrupted'> {
  const interrupted = interruption(signal)
  return interrupted === undefined ? {} : { interrupted }
}

async function verified(judging: JudgeSettings): Promise<void> {
  const { only, skip } = judging.selection
  // A wrong selection is refused before anything is collected; without one the checks load while hosts answer.
  if (only.length + skip.length > 0) (await import('./judging/judge.ts')).selectedChecks(judging)
}

async function swept(inventory: Inventory, steps: readonly Step[], signal: AbortSignal): Promise<void> {
  if (!steps.some(({ sends }) => sends)) return
  const { sweepHosts } = await import('../probe/own/leftovers.ts')
  await unlessOverdue(sweepHosts(inventory.hosts), signal, () => undefined)
}

async function taken(
  start: Gathered,
  steps: readonly Step[],
  collection: CollectionSettings,
): Promise<Gathered> {
  let gathered = start
  for (const { take, always, overdue } of steps) {
    if (!always && collection.signal.aborted) continue
    const before = gathered
    const unfinished = (): Gathered => overdue?.(before) ?? before
    gathered = await unlessOverdue(take(before, collection), collection.signal, unfinished)
  }
  // A step that was left behind has not taken away what it made on the hosts.
  if (collection.signal.aborted && steps.some(({ sends }) => sends))
    await (await import('../probe/own/leftovers.ts')).removeOpen()
  return gathered
}

/**
 * Runs an inventory through to its report. Hosts that fail are in it with the reason. Throws InputError for a wrong
 * selection, a host URL this version has no runner for, and what a step refuses.
 */
export async function runInventory(
  inventory: Inventory,
  { collection, judging = JUDGE_ALL, steps = [] }: RunSettings,
): Promise<FinishedRun> {
  await verified(judging)
  for (const { verify } of steps) await verify?.()
  const startedAt = Date.now()
  const collecting = Promise.all([
    collectCluster(inventory, collection),
    swept(inventory, steps, collection.signal),
  ])
  collecting.catch(() => {}) // awaited below; until then a failure must not count as unheard
  const [{ judgeUntil }] = await Promise.all([
    import('./judging/judge-until.ts'),
    ...steps.map(({ load }) => load?.()),
  ])
  const [collected] = await collecting
  const gathered = await taken({ inventory, collected, proofs: [] }, steps, collection)
  const { snapshot, commands, datastore } = gathered.collected
  const run = runRecord(startedAt, {
    level: furthest(steps, snapshot),
    concurrency: collection.concurrency,
    ...interruptedBy(collection),
  })
  const report = await judgeUntil(snapshot, { run, commands }, { ...judging, signal: collection.signal })
  return { report, snapshot, ...present({ datastore }) }
}

async function replayed(
  paths: readonly string[],
  settings: LoadSettings,
): Promise<{ readonly snapshot: ClusterSnapshot; readonly recorded: Recorded }> {
  const [from = '', ...more] = (await import('../collect/saved/bundle-paths.ts')).bundlePaths(paths)
  if (more.length === 0) {
    const { loadCluster } = await import('./saved/saved-cluster.ts')
    const { snapshot, recordedAt } = await loadCluster(from, settings)
    return { snapshot, recorded: { from, at: recordedAt } }
  }
  const { loadBundles } = await import('./saved/saved-bundles.ts')
  const { snapshot, recordedAt, bundles, changed } = await loadBundles([from, ...more], settings)
  const { window } = snapshot
  const spanSeconds = Math.round((window.to - window.from) / 100) / 10
  return { snapshot, recorded: { from: paths.join(' '), at: recordedAt, bundles, spanSeconds, changed } }
}

/**
 * Judges saved states as of the time they were saved, several as one network; no host is touched. A folder of states
 * stands for all of them. Throws InputError when one is none, and where they are not of one network.
 */
export async function runSaved(
  paths: string | readonly string[],
  judging: JudgeSettings = JUDGE_ALL,
  settings: LoadSettings = {},
): Promise<FinishedRun> {
  await verified(judging)
  const startedAt = Date.now()
  const loading = replayed(typeof paths === 'string' ? [paths] : paths, settings)
  const [{ snapshot, recorded }, { judgeUntil }] = await Promise.all([
    loading,
    import('./judging/judge-until.ts'),
  ])
  const { signal = new AbortController().signal } = settings
  const run = runRecord(startedAt, { recorded, ...interruptedBy({ signal }) })
  return { report: await judgeUntil(snapshot, { run, commands: [] }, { ...judging, signal }), snapshot }
}
