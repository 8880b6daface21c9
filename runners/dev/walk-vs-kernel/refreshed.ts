/** A snapshot of a lab with those facts read anew that random changes touch. */
import type { ClusterSnapshot, HostFactName, HostSnapshot } from '../../../checks/model/snapshot.ts'
import { collectHost, factsFromSections } from '../../collect/collect.ts'
import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import type { LabState } from '../../lab/running/state.ts'
import { settingsOf } from '../../run/collecting/collect-cluster.ts'

/** What the changes can touch; everything else stays as it was when the lab came up. */
const CHANGING: ReadonlySet<HostFactName> = new Set([
  'links',
  'routes',
  'rules',
  'neighbours',
  'fdb',
  'sysctls',
  'iptables',
  'nftables',
  'containers',
  'xfrm',
  'trafficControl',
])

/** The hosts' changing facts anew, in one round trip per host. */
export async function refreshed(
  lab: Pick<LabState, 'inventory'>,
  base: ClusterSnapshot,
): Promise<ClusterSnapshot> {
  const inventory = await loadInventory(lab.inventory)
  const collectors = FACT_COLLECTORS.filter(({ fact }) => CHANGING.has(fact))
  const hosts = await Promise.all(
    inventory.hosts.map(async (target): Promise<[string, HostSnapshot]> => {
      const before = base.hosts.get(target.name)
      const runner = makeRunner(target.name, target.via, target)
      const { sections } = await collectHost(runner, settingsOf(target), { collectors })
      await runner.close()
      const { facts } = factsFromSections(target, sections)
      const changed = Object.fromEntries([...CHANGING].map((name) => [name, facts[name]]))
      return [
        target.name,
        { ...(before as HostSnapshot), facts: { ...before?.facts, ...changed } as HostSnapshot['facts'] },
      ]
    }),
  )
  return { ...base, hosts: new Map(hosts) }
}
