/** `collect`: gather and save, judge nothing. */

import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { isHostFolder } from '../../collect/saved/state-meta.ts'
import { InputError } from '../../input-error.ts'
import { interruption } from '../../interruption.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { collectCluster } from '../../run/collecting/collect-cluster.ts'
import { verifyPlace } from '../../run/saved/place-to-save.ts'
import { saveCluster } from '../../run/saved/saved-cluster.ts'
import type { CollectFlags } from '../options/flags.ts'
import type { Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'
import { collectionSettings, inventoryOf } from '../options/run-flags.ts'
import { saySaved, UNDECIDED } from './saved-summary.ts'

/** The inventory with its one host under the name that was given. */
function called({ name }: CollectFlags, inventory: Inventory): Inventory {
  if (name === undefined) return inventory
  const [host, ...more] = inventory.hosts
  if (host === undefined || more.length > 0)
    throw new InputError(`--name ${name}: expected one host, got ${inventory.hosts.length}`)
  if (!isHostFolder(name)) throw new InputError(`--name: expected a host name, got ${JSON.stringify(name)}`)
  return { ...inventory, hosts: [{ ...host, name }] }
}

/** Saves the state of an inventory's hosts. Exit 3 when a host gave nothing. Throws InputError, StateError. */
export async function collect(flags: CollectFlags, around: Surroundings): Promise<CommandOutput> {
  const directory = flags.save
  if (directory === undefined)
    throw new InputError('collect: expected --save, the folder to write or one file: NAME.tgz')
  await verifyPlace(directory)
  const plugins = await pluginsOf(flags)
  const inventory = called(flags, await inventoryOf(flags, around))
  const collection = {
    ...collectionSettings(flags, around, inventory.hosts.length),
    facts: plugins.facts,
  }
  const collected = await collectCluster(inventory, collection)
  const kept = flags.redact
    ? await (await import('../../run/saved/redacting.ts')).redactedCluster(collected, collection)
    : collected
  await saveCluster(directory, kept)
  const asked = FACT_COLLECTORS.length + plugins.facts.length
  const exit = saySaved(collected, { directory, asked, stopped: interruption(collection.signal) }, around.say)
  for (const { check, reason } of plugins.failures) around.say(`${check}: ${reason}`)
  return { stdout: '', exit: plugins.failures.length > 0 ? UNDECIDED : exit }
}
