/** flanneld of one host is asked to end, as a service manager does. */
import type { Prefix } from '../../../checks/model/address.ts'
import { formatPrefix } from '../../../checks/model/address.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { factValue, isFlannelLink } from './peer-entries.ts'
import { defineScenario, type Scene } from './scenario.ts'
import {
  hostIn,
  leaseOf,
  lostLines,
  ownLease,
  pathLines,
  ruleLines,
  subnetEnvLines,
} from './written-state.ts'

/** A host before and after its flanneld ended. */
interface Moments {
  readonly before: ClusterSnapshot
  readonly now: ClusterSnapshot
  readonly network: Prefix
}

function kept(what: string, lines: readonly string[], now: readonly string[]): [boolean, string] {
  const lost = lostLines(lines, now)
  return [lost === undefined, lost === undefined ? `all ${lines.length} ${what} stay` : `gone: ${lost}`]
}

function sawPath(scene: Scene, { before, now, network }: Moments): void {
  const lines = (snapshot: ClusterSnapshot): readonly string[] =>
    pathLines(hostIn(snapshot, scene.victim), network)
  scene.saw('FL-RES-01', ...kept('links, addresses and entries', lines(before), lines(now)))
  const routes = lines(before).filter((line) => line.startsWith('route '))
  scene.saw('FL-RES-02', ...kept('routes', routes, lines(now)))
  const links = factValue(hostIn(now, scene.victim).facts.links).filter(({ name }) => isFlannelLink(name))
  const left = links.map(({ name }) => name).join(', ')
  scene.saw('FL-RES-03', links.length === 0, left === '' ? 'no flannel link is left' : `${left} is left`)
}

function sawRest(scene: Scene, { before, now, network }: Moments): void {
  const { victim } = scene
  const [host, after] = [hostIn(before, victim), hostIn(now, victim)]
  scene.saw('FL-RES-04', ...kept('lines of subnet.env', subnetEnvLines(host), subnetEnvLines(after)))
  const rules = kept('rules', ruleLines(host, network), ruleLines(after, network))
  scene.saw('FL-RES-06', ...rules)
  scene.saw('FL-RES-07', ...rules)
  const lease = ownLease(before, victim)
  const left = leaseOf(now, victim)
  const has = left === undefined ? 'has no lease' : 'has the lease'
  scene.saw('FL-LIFE-20', left?.key === lease.key, `etcd ${has} ${formatPrefix(lease.subnet)} of ${victim}`)
}

export const terminateFlanneld = defineScenario({
  name: 'terminate-flanneld',
  needs: ['flanneld'],
  run: async (scene) => {
    const { victim, control } = scene
    await control.flanneld.adopt(victim)
    const before = await scene.look()
    await control.flanneld.end(victim, 'SIGTERM')
    const now = await scene.look()
    const moments = { before, now, network: factValue(before.datastore.config).network }
    sawPath(scene, moments)
    sawRest(scene, moments)
    const end = await control.flanneld.lastEnd(victim)
    if (end !== undefined) scene.saw('FL-RES-05', end === 'exit 0', `flanneld ended with ${end} on SIGTERM`)
    await control.flanneld.start(victim)
  },
})
