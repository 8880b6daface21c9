/** Saved states that were taken apart, loaded as one cluster. */
import type { RecordedBundle } from '../../../reports/document/report.ts'
import type { SavedState } from '../../collect/saved/saved-state.ts'
import { wholeBudget } from '../../collect/saved/state-reader.ts'
import { type Bundle, mergeBundles, readBundle } from './merged-state.ts'
import {
  clusterOfState,
  type LoadedCluster,
  type LoadSettings,
  readState,
  redactedState,
  writeCluster,
} from './saved-cluster.ts'

/** What several saved states are together. */
export interface LoadedBundles extends LoadedCluster {
  readonly bundles: readonly RecordedBundle[]
  readonly changed: readonly string[]
}

/** Reads saved states of one network as one. Throws InputError where they are not. */
export async function loadBundles(
  paths: readonly string[],
  { redact = false, etcdOf, save, ...reading }: LoadSettings = {},
): Promise<LoadedBundles> {
  const budget = wholeBudget()
  const read: Bundle[] = []
  for (const from of paths) read.push(readBundle({ from, state: await readState(from, budget) }, read.at(-1)))
  const { state: whole, window, ...told } = mergeBundles(read, etcdOf)
  const state = redact ? await redactedState(whole) : whole
  if (save !== undefined) await writeCluster(save, state)
  const { snapshot, recordedAt } = await clusterOfState(state, 'the saved states', reading)
  const merged = { snapshot: { ...snapshot, window }, recordedAt }
  return redact ? { ...merged, bundles: renamed(told.bundles, state), changed: [] } : { ...merged, ...told }
}

/** For strangers: hosts under the names of the state, in whose order they are, and no names of files. */
function renamed(bundles: readonly RecordedBundle[], { hosts }: SavedState): readonly RecordedBundle[] {
  const names = hosts.map(({ name }) => name).values()
  return bundles.map((bundle) => ({
    ...bundle,
    from: '',
    hosts: bundle.hosts.flatMap(() => names.next().value ?? []),
  }))
}
