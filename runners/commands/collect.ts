/** `collect`: gather and save, judge nothing. */
import type { Flags, Surroundings } from '../cli-options.ts'
import { saveCluster } from '../saved-cluster.ts'
import { collectCluster } from '../session.ts'
import type { CommandOutput } from './output.ts'
import { interruption, inventoryOf, sessionSettings } from './targets.ts'

/** Saves the state of an inventory's hosts. Exit 3 when a host gave nothing. Throws InputError, StateError. */
export async function collect(flags: Flags, around: Surroundings): Promise<CommandOutput> {
  const session = sessionSettings(flags, around)
  const directory = flags.save as string
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
