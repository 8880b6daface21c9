/** The lease of a host is deleted under its running flanneld. */
import { after, awaitSeen } from './await-seen.ts'
import { factValue } from './peer-entries.ts'
import { defineScenario, ScenarioError } from './scenario.ts'
import {
  hostIn,
  leaseOf,
  lostLines,
  ownLease,
  pathLines,
  subnetEnvLines,
  subnetEnvOf,
} from './written-state.ts'

/** A watched key's deletion is told at once. */
const NOTICE_MS = 15_000

export const removeOwnLease = defineScenario({
  name: 'remove-own-lease',
  needs: ['flanneld', 'datastore'],
  run: async (scene) => {
    const { victim, control } = scene
    await control.flanneld.adopt(victim)
    const before = await scene.look()
    const lease = ownLease(before, victim)
    const { network } = factValue(before.datastore.config)
    const host = hostIn(before, victim)
    await control.datastore.remove(lease.key)
    const ended = await awaitSeen(scene, NOTICE_MS, async () =>
      (await control.flanneld.isRunning(victim)) ? `flanneld of ${victim} still runs` : undefined,
    )
    const isOver = ended.missing === undefined
    scene.saw('FL-LIFE-11', isOver, ended.missing ?? `flanneld of ${victim} ended ${after(ended)}`)
    if (!isOver) throw new ScenarioError('its flanneld did not end, so what it leaves cannot be seen')
    const end = await control.flanneld.lastEnd(victim)
    if (end !== undefined) scene.saw('FL-LIFE-12', end === 'exit 0', `flanneld ended with ${end}`)
    const now = await scene.lookAt(victim)
    const lostText = lostLines(subnetEnvLines(host), subnetEnvLines(now))
    scene.saw('FL-LIFE-13', lostText === undefined, lostText ?? `subnet.env still says ${subnetEnvOf(now)}`)
    const routes = pathLines(host, network).filter((line) => line.startsWith('route '))
    const lost = lostLines(routes, pathLines(now, network))
    const observed = lost === undefined ? `all ${routes.length} routes stay` : `gone: ${lost}`
    scene.saw('FL-LIFE-14', lost === undefined, observed)
    await control.flanneld.start(victim)
    const again = await scene.look()
    const [was, is] = [subnetEnvOf(host), subnetEnvOf(hostIn(again, victim))]
    scene.saw(
      'FL-LIFE-15',
      was === is && leaseOf(again, victim)?.key === lease.key,
      `FLANNEL_SUBNET of ${victim} was ${was} and after the start is ${is}`,
    )
  },
})
