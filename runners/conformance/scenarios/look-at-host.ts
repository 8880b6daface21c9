/** Collects of one host what flannel writes there; it is asked often, so that nothing else is. */
import type { HostFactName, HostName, HostSnapshot } from '../../../checks/model/snapshot.ts'
import { collectHost, factsFromSections } from '../../collect/collect.ts'
import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import type { HostControl } from '../../lab/control/host-control.ts'
import { settingsOf } from '../../run/collecting/collect-cluster.ts'
import { ScenarioError } from './scenario.ts'

const WRITTEN: readonly HostFactName[] = [
  'links',
  'addresses',
  'routes',
  'neighbours',
  'fdb',
  'iptables',
  'nftables',
  'subnetEnv',
]
const collectors = FACT_COLLECTORS.filter(({ fact }) => WRITTEN.includes(fact))

/** The host as it is now; facts that flannel does not write are absent. Throws ScenarioError when it cannot be reached. */
export async function lookAtHost(
  control: HostControl,
  name: HostName,
  signal: AbortSignal,
): Promise<HostSnapshot> {
  const target = (await control.inventory()).hosts.find((host) => host.name === name)
  if (target === undefined) throw new ScenarioError(`there is no host ${name}`)
  const runner = makeRunner(name, target.via, target)
  const { sections, problem } = await collectHost(runner, settingsOf(target), { signal, collectors })
  await runner.close()
  if (problem !== undefined) throw new ScenarioError(`${name}: ${problem.message}`)
  return factsFromSections(target, sections, problem)
}
