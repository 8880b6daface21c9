/** Reads the leases first, where an inventory takes its hosts from them. */
import { plural } from '../../../reports/words/subject-text.ts'
import { datastoreFacts } from '../../datastore/datastore-facts.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { withLeasedHosts } from '../../inventory/leased-hosts.ts'
import { readDatastore } from './read-datastore.ts'

/**
 * The inventory with its leased hosts; `say` is told of leases that give none. Without leases it has none, and the run
 * says why they could not be read. Throws InputError for a host beside them that cannot be told from theirs.
 */
export async function leasedInventory(
  inventory: Inventory,
  signal: AbortSignal,
  say: (line: string) => void = () => {},
): Promise<Inventory> {
  if (inventory.fromLeases === undefined) return inventory
  const { leases } = datastoreFacts(await readDatastore(inventory, signal))
  const all = leases.known ? leases.value.leases : []
  const { inventory: leased, refused } = withLeasedHosts(inventory, all)
  if (refused.length > 0)
    say(
      `${plural(refused.length, 'lease')} whose public IP is no address of a host: ${refused.slice(0, 8).join(', ')}`,
    )
  return leased
}
