/** Before packets are sent: what killed runs left on the hosts is removed. */

import { makeRunner } from '../hosts/make-runner.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { sweepProbes } from '../probe/own/leftovers.ts'

/** Removes from the hosts what the runs of dead processes left there. Never rejects for a host's sake. */
export async function sweepHosts({ hosts }: Inventory): Promise<void> {
  const runners = hosts.map((host) => makeRunner(host.name, host.via, host))
  await sweepProbes(runners)
  await Promise.all(runners.map((runner) => runner.close()))
}
