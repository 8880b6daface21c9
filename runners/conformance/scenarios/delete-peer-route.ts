/** Somebody deletes the route to a peer on one host. */
import { after, awaitSeen } from './await-seen.ts'
import { missingEntries, peerOf } from './peer-entries.ts'
import { defineScenario, ScenarioError } from './scenario.ts'
import { ownLease } from './written-state.ts'

/** host-gw looks its routes through every 10 s (pkg/backend/route_network.go, routeCheckRetries). */
const REPAIR_MS = 15_000
const SETTLE_MS = 10_000

export const deletePeerRoute = defineScenario({
  name: 'delete-peer-route',
  needs: ['commands', 'flanneld'],
  backends: ['vxlan', 'host-gw'],
  run: async (scene) => {
    const { victim, peer, control, backend } = scene
    const record = peerOf(ownLease(await scene.look(), peer))
    const argv = ['ip', 'route', 'del', record.subnet]
    const { ok, stderr } = await control.commands.run(victim, argv)
    if (!ok) throw new ScenarioError(`the route could not be deleted: ${stderr.trim()}`)
    if (backend === 'host-gw') {
      const repaired = await awaitSeen(scene, REPAIR_MS, () => missingEntries(scene, victim, record))
      const route = `${victim} has its route to ${record.subnet} again ${after(repaired)}`
      scene.saw('FL-HOSTGW-06', repaired.missing === undefined, repaired.missing ?? route)
      return
    }
    await control.flanneld.end(victim, 'SIGTERM')
    await control.flanneld.start(victim)
    const restarted = await awaitSeen(scene, SETTLE_MS, () => missingEntries(scene, victim, record))
    const back = `a restart of flanneld brought the route to ${record.subnet} back ${after(restarted)}`
    scene.saw('FL-RES-18', restarted.missing === undefined, restarted.missing ?? back)
  },
})
