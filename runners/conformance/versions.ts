/** Runs the conformance profile against several flannel versions, each in a lab of its own. */
import { runningOf } from '../../checks/clauses/applies.ts'
import { judgeClauses } from '../../checks/clauses/judge-clauses.ts'
import { CLAUSES } from '../../checks/clauses/registry.ts'
import { etcdApiOf } from '../../checks/expected/generation.ts'
import { CHECKS } from '../../checks/registry.ts'
import type { VersionRun } from '../../reports/matrix/versions-table.ts'
import { loadInventory } from '../inventory/inventory.ts'
import { withLab } from '../lab/build/up.ts'
import { LabError } from '../lab/lab-error.ts'
import type { LabOptions } from '../lab/plan/plan.ts'
import type { LabBackend } from '../lab/plan/plan-config.ts'
import type { LabState } from '../lab/running/state.ts'
import { usualConcurrency } from '../run/collecting/usual-concurrency.ts'
import { runInventory } from '../run/run-inventory.ts'
import { act } from './act.ts'
import { scenariosFor } from './certify.ts'

/** The versions that the ranges of the clauses are kept true with: an etcd v2 one, and three designs of v3. */
export const LAB_VERSIONS: readonly string[] = ['v0.14.0', 'v0.20.2', 'v0.25.7', 'v0.28.9']

export interface VersionsOptions {
  readonly versions: readonly string[]
  readonly backends: readonly LabBackend[]
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Static clauses are judged of the network as it came up, before anything is done to it. */
async function clausesIn(
  lab: LabState,
  { signal, say }: Pick<VersionsOptions, 'signal' | 'say'>,
): Promise<Pick<VersionRun, 'clauses' | 'problem'>> {
  const inventory = await loadInventory(lab.inventory)
  const collection = { concurrency: usualConcurrency(), signal }
  const { snapshot, report } = await runInventory(inventory, { collection })
  const scenarios = scenariosFor(snapshot, [])
  const acted = await act({ inventory, lab, scenarios, signal, say })
  const seen = { running: runningOf(snapshot), results: report.results, acted }
  const clauses = judgeClauses(CLAUSES, seen, CHECKS)
  return acted.problem === undefined ? { clauses } : { clauses, problem: acted.problem }
}

/** v0.18.0 to v0.21.2 may miss leases that are written at one moment: such a lab does not become ready. */
const MOST_LABS = 4

/** Uses a lab as `withLab` does; one that does not become ready is raised again. */
async function inLab<T>(settings: LabOptions, use: (lab: LabState) => Promise<T>): Promise<T> {
  for (let labs = 1; ; labs += 1) {
    let isReady = false
    try {
      return await withLab(settings, (lab) => {
        isReady = true
        return use(lab)
      })
    } catch (error) {
      const isLast = labs === MOST_LABS || isReady || settings.signal?.aborted === true
      if (isLast || !(error instanceof LabError) || error.problem !== 'failed') throw error
      settings.log?.(`raised again, not ready: ${error.message}`)
    }
  }
}

async function runOne(version: string, backend: LabBackend, options: VersionsOptions): Promise<VersionRun> {
  const { signal, say } = options
  const startedAt = performance.now()
  const seconds = (): number => (performance.now() - startedAt) / 1000
  const settings = { backend, flanneld: version, etcdApi: etcdApiOf(version) ?? 'v3', signal, log: say }
  try {
    const found = await inLab(settings, (lab) => clausesIn(lab, options))
    return { version, backend, seconds: seconds(), ...found }
  } catch (error) {
    if (!(error instanceof LabError) || error.problem === 'usage') throw error
    return { version, backend, seconds: seconds(), clauses: [], problem: error.message }
  }
}

/**
 * Runs every version on every backend, one lab after another. A version that cannot be run is in the result
 * with the reason. Throws LabError for a version there is none of.
 */
export async function runVersions(options: VersionsOptions): Promise<readonly VersionRun[]> {
  const runs: VersionRun[] = []
  for (const version of options.versions) {
    for (const backend of options.backends) {
      if (options.signal.aborted) return runs
      const run = await runOne(version, backend, options)
      const met = run.clauses.filter(({ status }) => status === 'met').length
      options.say(
        `${version} ${backend}: ${run.problem ?? `${met} clauses met`}, ${run.seconds.toFixed(0)} s`,
      )
      runs.push(run)
    }
  }
  return runs
}
