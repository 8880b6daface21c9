/** `collect`: gather and save, judge nothing. */

import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { InputError } from '../../input-error.ts'
import { collectCluster } from '../../run/collect-cluster.ts'
import { interruption } from '../../run/interruption.ts'
import { saveCluster } from '../../run/saved-cluster.ts'
import type { CollectFlags } from '../options/flags.ts'
import type { Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'
import { collectionSettings, inventoryOf } from '../options/run-flags.ts'
import { saySaved, UNDECIDED } from './saved-summary.ts'

/** Saves the state of an inventory's hosts. Exit 3 when a host gave nothing. Throws InputError, StateError. */
export async function collect(flags: CollectFlags, around: Surroundings): Promise<CommandOutput> {
  const directory = flags.save
  if (directory === undefined) throw new InputError('collect: expected --save DIR, the folder to write')
  const plugins = await pluginsOf(flags)
  const collection = { ...collectionSettings(flags, around), facts: plugins.facts }
  const collected = await collectCluster(await inventoryOf(flags, around), collection)
  const kept = flags.redact
    ? await (await import('../../run/redacting.ts')).redactedCluster(collected, collection)
    : collected
  await saveCluster(directory, kept)
  const asked = FACT_COLLECTORS.length + plugins.facts.length
  const exit = saySaved(collected, { directory, asked, stopped: interruption(collection.signal) }, around.say)
  for (const { check, reason } of plugins.failures) around.say(`${check}: ${reason}`)
  return { stdout: '', exit: plugins.failures.length > 0 ? UNDECIDED : exit }
}
