/** Flags of the commands that touch hosts: targets, deadline, concurrency. */

import type { Inventory } from '../../inventory/inventory.ts'
import { type TargetOptions, targetsFromOptions } from '../../inventory/targets.ts'
import { DEFAULT_CONCURRENCY, type SessionSettings } from '../../run/collect-cluster.ts'
import type { Flags, Surroundings } from './options.ts'

/** A whole run ends after this many seconds unless told otherwise. */
const DEFAULT_DEADLINE_SECONDS = 120

/** The inventory the flags describe. Throws InputError. */
export function inventoryOf(flags: Flags, { terminal }: Surroundings): Promise<Inventory> {
  return targetsFromOptions(flags as TargetOptions, terminal.env)
}

/** Concurrency and the signal that ends the run: Ctrl-C or the deadline. */
export function sessionSettings(flags: Flags, { signal }: Surroundings): SessionSettings {
  const seconds = (flags.deadline as number | undefined) ?? DEFAULT_DEADLINE_SECONDS
  return {
    concurrency: (flags.concurrency as number | undefined) ?? DEFAULT_CONCURRENCY,
    signal: AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]),
  }
}
