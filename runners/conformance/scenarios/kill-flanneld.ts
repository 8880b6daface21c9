/** flanneld of one host is killed, as by a crash or the OOM killer, and started again. */
import { after, awaitSeen } from './await-seen.ts'
import { overlayPath, pingAlong } from './overlay-path.ts'
import { factValue } from './peer-entries.ts'
import { defineScenario } from './scenario.ts'
import { hostIn, lostLines, pathLines, ruleLines } from './written-state.ts'

const SETTLE_MS = 20_000

export const killFlanneld = defineScenario({
  name: 'kill-flanneld',
  needs: ['flanneld'],
  run: async (scene) => {
    const { victim, peer, control } = scene
    const before = await scene.look()
    const { network } = factValue(before.datastore.config)
    const host = hostIn(before, victim)
    const lines = [...pathLines(host, network), ...ruleLines(host, network)]
    await control.flanneld.end(victim, 'SIGKILL')
    const answer = await pingAlong(scene, overlayPath(before, victim, peer))
    scene.saw('FL-RES-08', answer.isWhole, `with flanneld of ${victim} killed ${answer.said}`)
    await control.flanneld.start(victim)
    const back = await awaitSeen(scene, SETTLE_MS, async () => {
      const now = await scene.lookAt(victim)
      return lostLines(lines, [...pathLines(now, network), ...ruleLines(now, network)])
    })
    scene.saw(
      'FL-RES-09',
      back.missing === undefined,
      back.missing === undefined
        ? `${victim} has all ${lines.length} entries it had ${after(back)}`
        : `${victim} has no ${back.missing}`,
    )
  },
})
