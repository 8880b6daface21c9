/** Flags of the commands that touch hosts, as settings: targets, deadline, concurrency. */

import { present } from '../../../checks/model/present.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { targetsFromOptions } from '../../inventory/targets.ts'
import type { CollectionSettings } from '../../run/collecting/collect-cluster.ts'
import { usualConcurrency } from '../../run/collecting/usual-concurrency.ts'
import type { TargetFlags } from './flags.ts'
import type { Surroundings } from './options.ts'
import { liveProgress } from './progress.ts'

/** A whole run ends after this many seconds unless told otherwise, with more time for many hosts; `--help` says so. */
const DEADLINE = { seconds: 120, hosts: 100, secondsPerFurtherHost: 0.5 } as const

/** The usual deadline of a run of so many hosts, seconds. */
export function usualDeadline(hosts: number): number {
  return DEADLINE.seconds + Math.ceil(Math.max(0, hosts - DEADLINE.hosts) * DEADLINE.secondsPerFurtherHost)
}

/** The inventory the flags describe. Throws InputError. */
export async function inventoryOf(flags: TargetFlags, around: Surroundings): Promise<Inventory> {
  const inventory = await targetsFromOptions(flags, around.terminal.env)
  if (inventory.fromLeases === undefined) return inventory
  const { leasedInventory } = await import('../../run/collecting/leased-inventory.ts')
  return leasedInventory(inventory, around.signal, around.say)
}

/** Those of the target flags that bound a run; undefined is the same as absent. */
interface Bounds {
  readonly deadline?: number | undefined
  readonly concurrency?: number | undefined
  readonly progress?: boolean | undefined
}

/** Concurrency and the signal that ends the run: Ctrl-C or the deadline, which is longer where many hosts are asked. */
export function collectionSettings(
  { deadline: told, concurrency = usualConcurrency(), progress: plain = false }: Bounds,
  { signal, screen }: Surroundings,
  hosts = 0,
): CollectionSettings {
  const deadline = told ?? usualDeadline(hosts)
  const end = AbortSignal.any([signal, AbortSignal.timeout(deadline * 1000)])
  const show = screen && liveProgress(screen, { deadlineSeconds: deadline, plain, signal: end })
  return { concurrency, signal: end, ...present({ show }) }
}
