/** One flannel network: collected, its pairs measured one after another. */
import { knownValue } from '../../checks/expected/observed-host.ts'
import { formatPrefix, maskPrefix } from '../../checks/model/address.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { NetworkFigures, PairFigures } from '../../reports/throughput/throughput.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { removeAtExit, removeProbe, sweepProbes } from '../probe/own/leftovers.ts'
import { newProbeToken } from '../probe/own/probe-token.ts'
import { collectCluster } from '../run/collecting/collect-cluster.ts'
import { usualConcurrency } from '../run/collecting/usual-concurrency.ts'
import { choosePairs, type NamedPair } from './bench-pairs.ts'
import { benchPair } from './bench-ways.ts'
import { type BenchSettings, measurePair } from './measure-pair.ts'
import type { Side } from './side.ts'

/** Lends one side on every host; whatever was started there is removed at the end, also when we are killed or exit. */
async function withSides<T>(
  { hosts }: Inventory,
  use: (sides: ReadonlyMap<string, Side>) => Promise<T>,
): Promise<T> {
  const runners = hosts.map((target) => makeRunner(target.name, target.via, target))
  await sweepProbes(runners)
  const sides = runners.map((runner) => ({ host: runner.host, runner, token: newProbeToken() }))
  for (const { runner, token } of sides) removeAtExit(runner, token)
  try {
    return await use(new Map(sides.map((side) => [side.host, side])))
  } finally {
    await Promise.all(
      sides.map(async ({ runner, token }) => {
        await removeProbe(runner, token).catch(() => {}) // what runs there ends by itself, see guardedArgv
        await runner.close()
      }),
    )
  }
}

function described({ datastore }: ClusterSnapshot): Pick<NetworkFigures, 'backend' | 'network'> {
  const config = knownValue(datastore.config)
  if (config === undefined) return {}
  return { backend: config.backendType, network: formatPrefix(maskPrefix(config.network)) }
}

/**
 * Collects a network and measures between the named ends, or between its first two hosts. Never rejects for a
 * host's sake. Throws InputError for ends that are not in the network.
 */
export async function benchNetwork(
  inventory: Inventory,
  named: readonly NamedPair[],
  settings: BenchSettings,
): Promise<NetworkFigures> {
  const { snapshot } = await collectCluster(inventory, {
    concurrency: usualConcurrency(),
    signal: settings.signal,
    ...present({ show: settings.show }),
  })
  const { pairs: chosen, problems } = choosePairs(snapshot, named)
  const network = { ...described(snapshot), ...(problems.length > 0 && { problem: problems.join('; ') }) }
  const used = new Set(chosen.flatMap(({ from, to }) => [from.host, to.host]))
  const needed = { ...inventory, hosts: inventory.hosts.filter(({ name }) => used.has(name)) }
  return withSides(needed, async (sides) => {
    const pairs: PairFigures[] = []
    for (const pair of chosen) {
      pairs.push(await measurePair(benchPair(pair, { snapshot, inventory, sides }), settings))
    }
    return { ...network, pairs }
  })
}
