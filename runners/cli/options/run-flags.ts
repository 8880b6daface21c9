/** Flags of the commands that touch hosts: targets, deadline, concurrency. */

import type { Inventory } from '../../inventory/inventory.ts'
import { targetsFromOptions } from '../../inventory/targets.ts'
import { DEFAULT_CONCURRENCY, type SessionSettings } from '../../run/collect-cluster.ts'
import type { TargetFlags } from './flags.ts'
import type { Surroundings } from './options.ts'

/** A whole run ends after this many seconds unless told otherwise. */
const DEFAULT_DEADLINE_SECONDS = 120

/** The inventory the flags describe. Throws InputError. */
export function inventoryOf(flags: TargetFlags, { terminal }: Surroundings): Promise<Inventory> {
  return targetsFromOptions(flags, terminal.env)
}

/** Those of the target flags that bound a run; undefined is the same as absent. */
interface Bounds {
  readonly deadline?: number | undefined
  readonly concurrency?: number | undefined
}

/** Concurrency and the signal that ends the run: Ctrl-C or the deadline. */
export function sessionSettings(
  { deadline = DEFAULT_DEADLINE_SECONDS, concurrency = DEFAULT_CONCURRENCY }: Bounds,
  { signal }: Surroundings,
): SessionSettings {
  return {
    concurrency,
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadline * 1000)]),
  }
}
