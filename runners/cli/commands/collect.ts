/** `collect`: gather and save, judge nothing. */

import { InputError } from '../../input-error.ts'
import { type CollectedCluster, collectCluster } from '../../run/collect-cluster.ts'
import { interruption } from '../../run/interruption.ts'
import { saveCluster } from '../../run/saved-cluster.ts'
import type { CollectFlags } from '../options/flags.ts'
import type { Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'
import { collectionSettings, inventoryOf } from '../options/run-flags.ts'
import { saySaved } from './saved-summary.ts'

async function redacted(collected: CollectedCluster): Promise<CollectedCluster> {
  return (await import('../../run/redacting.ts')).redactedCluster(collected)
}

/** Saves the state of an inventory's hosts. Exit 3 when a host gave nothing. Throws InputError, StateError. */
export async function collect(flags: CollectFlags, around: Surroundings): Promise<CommandOutput> {
  const directory = flags.save
  if (directory === undefined) throw new InputError('collect: expected --save DIR, the folder to write')
  const collection = collectionSettings(flags, around)
  const collected = await collectCluster(await inventoryOf(flags, around), collection)
  await saveCluster(directory, flags.redact ? await redacted(collected) : collected)
  const exit = saySaved(collected, { directory, stopped: interruption(collection.signal) }, around.say)
  return { stdout: '', exit }
}
