/** flanneld of one host is ended and started again while containers talk, as an upgrade of its package does. */
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { overlayPath, type PingAnswer, pingAlong } from './overlay-path.ts'
import { factValue, isFlannelLink } from './peer-entries.ts'
import { defineScenario, type Equipped } from './scenario.ts'
import { hostIn } from './written-state.ts'

/** Packets of one batch, 20 ms apart: a batch is shorter than a restart, so that one falls into it. */
const BATCH = 10

type WithFlanneld = Equipped<'flanneld'>

/** Pings for as long as the restart takes, and gives what came of every batch. */
async function pingThrough(scene: WithFlanneld, snapshot: ClusterSnapshot): Promise<readonly PingAnswer[]> {
  const { victim, peer, control } = scene
  const path = overlayPath(snapshot, victim, peer)
  const answers: PingAnswer[] = [await pingAlong(scene, path, BATCH)]
  let isDone = false
  const restart = (async () => {
    await control.flanneld.end(victim, 'SIGTERM')
    await control.flanneld.start(victim)
  })().finally(() => {
    isDone = true
  })
  restart.catch(() => {}) // awaited below; until then it must not count as unheard
  while (!isDone) answers.push(await pingAlong(scene, path, BATCH))
  await restart
  return answers
}

function vtepOf(snapshot: ClusterSnapshot, host: string): string {
  const link = factValue(hostIn(snapshot, host).facts.links).find(({ name }) => isFlannelLink(name))
  return link === undefined ? 'no VTEP' : `${link.name} (link ${link.index}) with MAC ${link.mac ?? 'none'}`
}

export const restartFlanneld = defineScenario({
  name: 'restart-flanneld',
  needs: ['flanneld'],
  run: async (scene) => {
    const before = await scene.look()
    const answers = await pingThrough(scene, before)
    const lossy = answers.find(({ isWhole }) => !isWhole)
    scene.saw(
      'FL-RES-11',
      lossy === undefined,
      lossy === undefined
        ? `${answers.length * BATCH} pings through the restart were answered`
        : `through the restart ${lossy.said}`,
    )
    const now = await scene.look()
    const last = await pingAlong(scene, overlayPath(now, scene.victim, scene.peer))
    scene.saw('FL-RES-10', last.isWhole, `after the restart ${last.said}`)
    const [was, is] = [vtepOf(before, scene.victim), vtepOf(now, scene.victim)]
    scene.saw('FL-RES-12', was === is, was === is ? `${is} stayed` : `it was ${was} and is ${is}`)
  },
})
