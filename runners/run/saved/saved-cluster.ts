/** A collected cluster to a saved state and back. A replay goes through the replay runner and the live parsers. */
import { existsSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../../checks/model/snapshot.ts'
import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { collectRecorded } from '../../collect/saved/replay.ts'
import {
  openState,
  type SavedHost,
  type SavedState,
  saveState,
  stateFiles,
} from '../../collect/saved/saved-state.ts'
import { isArchive, stateFolder } from '../../collect/saved/state-folder.ts'
import { STATE_TOOL } from '../../collect/saved/state-meta.ts'
import { type ReadBudget, stateReader } from '../../collect/saved/state-reader.ts'
import type { FactCollector } from '../../collect/section/section.ts'
import { writeProblem, writeWhole } from '../../files/write-whole.ts'
import { RunnerError } from '../../hosts/command/runner.ts'
import { InputError } from '../../input-error.ts'
import { interruption } from '../../interruption.ts'
import { ownVersion } from '../../version.ts'
import { type CollectedCluster, clusterOf } from '../collecting/collect-cluster.ts'
import { keepNewSpace } from '../collecting/many-hosts.ts'
import { parsedHost } from '../collecting/parsed-host.ts'
import { bundleOf } from './merged-state.ts'

export interface LoadedCluster {
  readonly snapshot: ClusterSnapshot
  /** ISO 8601. */
  readonly recordedAt: string
}

/** What is done with states that are read. */
export interface LoadSettings {
  /** Other addresses and names. */
  readonly redact?: boolean
  /** The host whose reading of etcd counts, of several states. */
  readonly etcdOf?: string
  /** Where what was read is saved as one state. */
  readonly save?: string
  /** Facts besides ours. */
  readonly facts?: readonly FactCollector[]
  /** Hosts that were not read when it comes are unreachable. */
  readonly signal?: AbortSignal
}

const STATES = fileURLToPath(new URL('../../../fixtures/states/', import.meta.url))

async function writeArchive(path: string, state: SavedState): Promise<void> {
  const { packState, refuseOtherFile } = await import('../../collect/saved/state-archive.ts')
  refuseOtherFile(path)
  await writeWhole(path, packState(stateFiles(state), state.meta.at))
}

/** What was collected as a state to save. */
export function stateOf(collected: CollectedCluster, captures?: ReadonlyMap<string, Uint8Array>): SavedState {
  const { hosts, reading, snapshot, redacted } = collected
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
    version: ownVersion(),
    at: new Date(snapshot.window.to).toISOString(),
    hosts: saved.map(({ sections: _, ...host }) => host),
    complete: snapshot.complete,
    ...present({ redacted }),
  } as const
  const { observations } = snapshot
  return { meta, hosts: saved, datastore: reading, ...present({ observations, captures }) }
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
  await writeCluster(dir, stateOf(collected, captures))
}

/** Writes a state to a folder or a file. Throws InputError when it cannot be used. */
export async function writeCluster(path: string, state: SavedState): Promise<void> {
  if (isArchive(path)) await writeArchive(path, state)
  else asInput(() => saveState(path, state), `cannot save to ${path}: `)
}

/** Throws what the system said as InputError. */
export function asInput<T>(work: () => T, doing = ''): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof InputError) throw error
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    throw new InputError(`${doing}${writeProblem(error)}`)
  }
}

async function replayHost(host: SavedHost, facts: readonly FactCollector[], unreachable?: string) {
  const collected =
    unreachable === undefined
      ? await collectRecorded(host, [...FACT_COLLECTORS, ...facts])
      : { sections: [], problem: new RunnerError('unreachable', unreachable) }
  return parsedHost(host, collected, { facts, printed: host })
}

async function withObservations(
  snapshot: ClusterSnapshot,
  content: unknown,
  dir: string,
): Promise<ClusterSnapshot> {
  const { savedObservations } = await import('../../collect/saved/saved-observations.ts')
  return { ...snapshot, observations: savedObservations(content, dir) }
}

const PATCH = '.patch'

/** The state of a folder, of an archive, or of a file that holds only what differs from one; its name may lack the end. */
export async function readState(path: string, budget?: ReadBudget): Promise<SavedState> {
  if (isArchive(path)) {
    const { archiveReader } = await import('../../collect/saved/state-archive.ts')
    return openState(path, archiveReader(path, budget))
  }
  const isShort = !path.endsWith(PATCH) && !existsSync(path) && existsSync(`${path}${PATCH}`)
  const patch = isShort ? `${path}${PATCH}` : path
  if (!patch.endsWith(PATCH)) return asInput(() => openState(stateFolder(path), stateReader(budget)))
  const { loadPatch } = await import('../../collect/saved/patched-state.ts')
  return asInput(() => loadPatch(patch))
}

/**
 * A state as the cluster that it was, with the facts of plugins. Throws InputError when it is none; `dir` is what it is
 * called.
 */
export async function clusterOfState(
  state: SavedState,
  dir: string,
  { facts = [], signal }: Pick<LoadSettings, 'facts' | 'signal'> = {},
): Promise<LoadedCluster> {
  const { meta, hosts, datastore, observations } = state
  const at = Date.parse(meta.at)
  const { savedReading } = await import('../../datastore/saved-reading.ts')
  const reading = asInput(() => savedReading(datastore, `${dir}/datastore.json`))
  const window = { from: at, to: Number.isNaN(at) ? reading.at : at }
  const snapshots: HostSnapshot[] = []
  keepNewSpace(hosts.length)
  // One after another: what a host printed is let go before the next is read.
  for (const host of hosts) {
    await setImmediate() // a signal is heard in between
    const unreachable = signal?.aborted ? `not read: ${interruption(signal)}` : host.unreachable
    snapshots.push(await replayHost(host, facts, unreachable))
  }
  const collected = clusterOf(snapshots, reading, { window, complete: meta.complete })
  return {
    snapshot: observations === undefined ? collected : await withObservations(collected, observations, dir),
    recordedAt: meta.at,
  }
}

/** The state for strangers. */
export async function redactedState(state: SavedState): Promise<SavedState> {
  const { redactState } = await import('../../collect/saved/redact/redact-state.ts')
  return redactState(state).state
}

/** Reads a saved state, with `redact` without addresses and names. Throws InputError when it is not one. */
export async function loadCluster(
  dir: string,
  { redact = false, etcdOf, save, ...reading }: LoadSettings = {},
): Promise<LoadedCluster> {
  const read = await readState(dir)
  if (etcdOf !== undefined) bundleOf([{ state: read }], etcdOf)
  const state = redact ? await redactedState(read) : read
  if (save !== undefined) await writeCluster(save, state)
  return clusterOfState(state, dir, reading)
}

/** A state of fixtures/states by name, for tests. */
export async function recordedCluster(name: string): Promise<ClusterSnapshot> {
  return (await loadCluster(`${STATES}${name}`)).snapshot
}
