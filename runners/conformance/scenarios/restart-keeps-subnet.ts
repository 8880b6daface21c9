/** flanneld of one host is ended and started again: its subnet, its lease and subnet.env. */
import { formatPrefix } from '../../../checks/model/address.ts'
import { DAY_SECONDS } from './fake-peer.ts'
import { defineScenario } from './scenario.ts'
import { hostIn, lostLines, ownLease, subnetEnvLines } from './written-state.ts'

/** A lease written at the restart has lived for no longer than this. */
const FRESH_SECONDS = 120

export const restartKeepsSubnet = defineScenario({
  name: 'restart-keeps-subnet',
  needs: ['flanneld'],
  run: async (scene) => {
    const { victim, control } = scene
    const before = await scene.look()
    const lease = ownLease(before, victim)
    await control.flanneld.end(victim, 'SIGTERM')
    await control.flanneld.start(victim)
    const now = await scene.look()
    const next = ownLease(now, victim)
    scene.saw(
      'FL-LIFE-01',
      next.key === lease.key && next.publicIp === lease.publicIp,
      `${victim} had ${formatPrefix(lease.subnet)} and has ${formatPrefix(next.subnet)}`,
    )
    const { ttlSeconds = 0 } = next
    scene.saw(
      'FL-LIFE-02',
      ttlSeconds > DAY_SECONDS - FRESH_SECONDS && next.revision !== lease.revision,
      `its lease, written at revision ${lease.revision}, was written at ${next.revision} and lives for ${ttlSeconds} s`,
    )
    const lines = subnetEnvLines(hostIn(before, victim))
    const lost = lostLines(lines, subnetEnvLines(hostIn(now, victim)))
    scene.saw('FL-LIFE-03', lost === undefined, lost ? `changed: ${lost}` : `the same: ${lines.join(', ')}`)
  },
})
