/** A collected cluster to a saved state and back. A replay goes through the replay runner and the live parsers. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { collectHost, factsFromSections, withFacts } from '../collect/collect.ts'
import { FACT_COLLECTORS } from '../collect/facts/index.ts'
import { replayRunner } from '../collect/saved/replay.ts'
import {
  loadState,
  type SavedHost,
  type SavedState,
  saveState,
  stateFiles,
} from '../collect/saved/saved-state.ts'
import { isArchive } from '../collect/saved/state-folder.ts'
import { STATE_TOOL } from '../collect/saved/state-meta.ts'
import type { FactCollector } from '../collect/section/section.ts'
import { writeProblem, writeWhole } from '../files/write-whole.ts'
import { RunnerError } from '../hosts/command/runner.ts'
import { InputError } from '../input-error.ts'
import { type CollectedCluster, clusterOf } from './collect-cluster.ts'

export interface LoadedCluster {
  readonly snapshot: ClusterSnapshot
  /** ISO 8601. */
  readonly recordedAt: string
}

const STATES = fileURLToPath(new URL('../../fixtures/states/', import.meta.url))

async function writeArchive(path: string, state: SavedState): Promise<void> {
  const { packState, refuseOtherFile } = await import('../collect/saved/state-archive.ts')
  refuseOtherFile(path)
  await writeWhole(path, packState(stateFiles(state), state.meta.at))
}

/** What was collected as a state to save. */
export function stateOf(collected: CollectedCluster, captures?: ReadonlyMap<string, Uint8Array>): SavedState {
  const { hosts, reading, snapshot } = collected
  const saved = hosts.map(
    ({ target, settings, collected: { sections }, snapshot: { unreachable } }): SavedHost => ({
      name: target.name,
      via: target.via,
      settings,
      sections,
      ...present({ unreachable }),
    }),
  )
  const meta = {
    schemaVersion: 1,
    kind: 'recorded',
    tool: STATE_TOOL,
    at: new Date(snapshot.window.to).toISOString(),
    hosts: saved.map(({ sections: _, ...host }) => host),
    complete: snapshot.complete,
  } as const
  const { observations } = snapshot
  return {
    meta,
    hosts: saved,
    datastore: reading,
    ...present({ observations, captures }),
  }
}

/**
 * Writes what was collected to a folder, or to one file where its name ends like one, whole or not at all. Throws
 * InputError when it cannot be used.
 */
export async function saveCluster(
  dir: string,
  collected: CollectedCluster,
  captures?: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const state = stateOf(collected, captures)
  if (isArchive(dir)) await writeArchive(dir, state)
  else asInput(() => saveState(dir, state), `cannot save to ${dir}: `)
}

function asInput<T>(work: () => T, doing = ''): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof InputError) throw error
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    throw new InputError(`${doing}${writeProblem(error)}`)
  }
}

async function replayHost(host: SavedHost, facts: readonly FactCollector[]) {
  if (host.unreachable !== undefined) {
    const problem = new RunnerError('unreachable', host.unreachable)
    return withFacts(factsFromSections(host, [], problem), { sections: [], problem }, facts)
  }
  const collectors = [...FACT_COLLECTORS, ...facts]
  const collected = await collectHost(replayRunner(host), host.settings, { collectors })
  return withFacts(factsFromSections(host, collected.sections, collected.problem), collected, facts)
}

async function withObservations(
  snapshot: ClusterSnapshot,
  content: unknown,
  dir: string,
): Promise<ClusterSnapshot> {
  const { savedObservations } = await import('../collect/saved/saved-observations.ts')
  return { ...snapshot, observations: savedObservations(content, dir) }
}

const PATCH = '.patch'

/** The state of a folder, of an archive, or of a file that holds only what differs from one; its name may lack the end. */
async function readState(path: string): Promise<SavedState> {
  if (isArchive(path)) {
    const { archiveReader } = await import('../collect/saved/state-archive.ts')
    return loadState(path, archiveReader(path))
  }
  const isShort = !path.endsWith(PATCH) && !existsSync(path) && existsSync(`${path}${PATCH}`)
  const patch = isShort ? `${path}${PATCH}` : path
  if (!patch.endsWith(PATCH)) return asInput(() => loadState(path))
  const { loadPatch } = await import('../collect/saved/patched-state.ts')
  return asInput(() => loadPatch(patch))
}

/**
 * A state as the cluster that it was, with the facts of plugins. Throws InputError when it is none; `dir` is what it is
 * called.
 */
export async function clusterOfState(
  state: SavedState,
  dir: string,
  facts: readonly FactCollector[] = [],
): Promise<LoadedCluster> {
  const { meta, hosts, datastore, observations } = state
  const at = Date.parse(meta.at)
  const { savedReading } = await import('../datastore/saved-reading.ts')
  const reading = asInput(() => savedReading(datastore, `${dir}/datastore.json`))
  const window = { from: at, to: Number.isNaN(at) ? reading.at : at }
  const snapshots = await Promise.all(hosts.map((host) => replayHost(host, facts)))
  const collected = clusterOf(snapshots, reading, { window, complete: meta.complete })
  return {
    snapshot: observations === undefined ? collected : await withObservations(collected, observations, dir),
    recordedAt: meta.at,
  }
}

/** Reads a saved state, with `redact` without addresses and names. Throws InputError when it is not one. */
export async function loadCluster(
  dir: string,
  {
    redact = false,
    facts = [],
  }: { readonly redact?: boolean; readonly facts?: readonly FactCollector[] } = {},
): Promise<LoadedCluster> {
  const state = await readState(dir)
  if (!redact) return clusterOfState(state, dir, facts)
  const { redactState } = await import('../collect/saved/redact/redact-state.ts')
  return clusterOfState(redactState(state).state, dir, facts)
}

/** A state of fixtures/states by name, for tests. */
export async function recordedCluster(name: string): Promise<ClusterSnapshot> {
  return (await loadCluster(`${STATES}${name}`)).snapshot
}
