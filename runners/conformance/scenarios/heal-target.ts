/** Puts a target back as it was before a scenario: daemons run, foreign leases and nodes are gone, every host has its peers. */
import { present } from '../../../checks/model/present.ts'
import type { HostName } from '../../../checks/model/snapshot.ts'
import type { ClusterControl } from '../../lab/control/host-control.ts'
import { awaitSeen } from './await-seen.ts'
import { nodesOf, removeNode } from './node-object.ts'
import { factValue, missingFrom, peerOf } from './peer-entries.ts'
import type { Scene } from './scenario.ts'
import { hostIn, leaseOf } from './written-state.ts'

/** What is looked for comes at once, or not without a restart. */
const LOOK_MS = 3000
const SETTLE_MS = 20_000

/** What the target was like. */
export interface Baseline {
  /** Keys under PREFIX/subnets; absent where they cannot be read from here. */
  readonly keys?: ReadonlySet<string>
  /** Names of nodes, likewise. */
  readonly nodes?: ReadonlySet<string>
}

async function nodeNames(cluster: ClusterControl): Promise<ReadonlySet<string>> {
  return new Set((await nodesOf(cluster)).map(({ metadata }) => metadata.name))
}

export async function baselineOf({ control }: Scene): Promise<Baseline> {
  const keys = await control.datastore?.keys()
  const nodes = control.cluster && (await nodeNames(control.cluster))
  return present({ keys: keys && new Set(keys.keys()), nodes })
}

async function removeNodes({ control: { cluster } }: Scene, { nodes }: Baseline): Promise<void> {
  if (cluster === undefined || nodes === undefined) return
  for (const name of await nodeNames(cluster)) if (!nodes.has(name)) await removeNode(cluster, name)
}

async function removeStrangers({ control, hosts }: Scene, { keys }: Baseline): Promise<void> {
  for (const { name } of (await control.inventory()).hosts)
    if (!hosts.includes(name)) await control.growth?.remove(name)
  if (control.datastore === undefined || keys === undefined) return
  const own = new Set<string>()
  for (const key of (await control.datastore.keys()).keys()) if (!keys.has(key)) own.add(key)
  for (const key of own) await control.datastore.remove(key)
}

async function startAll({ control, hosts }: Scene): Promise<void> {
  if (control.flanneld === undefined) return
  for (const host of hosts) if (!(await control.flanneld.isRunning(host))) await control.flanneld.start(host)
}

/** What is missing on each host that misses something: its lease, or an entry for another's. */
async function missingByHost(scene: Scene): Promise<ReadonlyMap<HostName, string>> {
  const snapshot = await scene.look()
  const missing = new Map<HostName, string>()
  for (const name of scene.hosts) {
    const own = leaseOf(snapshot, name)
    const peers = factValue(snapshot.datastore.leases).leases.filter((lease) => lease !== own)
    if (own === undefined) missing.set(name, `${name} has no lease`)
    for (const lease of peers) {
      const lacks = await missingFrom(scene, hostIn(snapshot, name), peerOf(lease))
      if (lacks !== undefined) missing.set(name, lacks)
    }
  }
  return missing
}

const firstOf = async (scene: Scene): Promise<string | undefined> =>
  (await missingByHost(scene)).values().next().value

/** Where something does not come by itself flanneld is started again. */
async function reprogram(scene: Scene): Promise<string | undefined> {
  const first = await awaitSeen(scene, LOOK_MS, () => firstOf(scene))
  if (first.missing === undefined) return undefined
  for (const host of (await missingByHost(scene)).keys()) {
    await scene.control.flanneld?.end(host, 'SIGKILL')
    await scene.control.flanneld?.start(host)
  }
  return (await awaitSeen(scene, SETTLE_MS, () => firstOf(scene))).missing
}

/** Heals it. Gives what could not be put right; undefined when all is as it was. */
export async function healTarget(scene: Scene, baseline: Baseline): Promise<string | undefined> {
  try {
    await scene.control.etcd?.start()
    await scene.control.cluster?.start()
    await startAll(scene)
    await removeStrangers(scene, baseline)
    await removeNodes(scene, baseline)
    return await reprogram(scene)
  } catch (error) {
    return (error as Error).message
  }
}
