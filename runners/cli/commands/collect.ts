/** `collect`: gather and save, judge nothing. */

import { collectCluster } from '../../run/collect-cluster.ts'
import { interruption } from '../../run/interruption.ts'
import { saveCluster } from '../../run/saved-cluster.ts'
import type { CollectFlags } from '../options/flags.ts'
import type { Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'
import { inventoryOf, sessionSettings } from '../options/run-flags.ts'

/** Saves the state of an inventory's hosts. Exit 3 when a host gave nothing. Throws InputError, StateError. */
export async function collect(flags: CollectFlags, around: Surroundings): Promise<CommandOutput> {
  const session = sessionSettings(flags, around)
  const directory = flags.save
  const collected = await collectCluster(await inventoryOf(flags, around), session)
  await saveCluster(directory, collected)
  const failed = collected.hosts.filter(({ snapshot }) => snapshot.unreachable !== undefined)
  for (const { snapshot } of failed) around.say(`${snapshot.host}: ${snapshot.unreachable}`)
  const stopped = interruption(session.signal)
  if (stopped !== undefined) around.say(`${stopped}: the saved state is partial`)
  around.say(
    `saved ${collected.hosts.length - failed.length} of ${collected.hosts.length} hosts to ${directory}`,
  )
  return { stdout: '', exit: failed.length > 0 || stopped !== undefined ? 3 : 0 }
}
