/** flanneld of a node is killed, its VTEP goes with it, and both come back. */

import { nodesOf } from './node-object.ts'
import { factValue, isFlannelLink } from './peer-entries.ts'
import { defineScenario, type Equipped, ScenarioError } from './scenario.ts'

type Scenery = Equipped<'cluster' | 'flanneld' | 'commands'>

/** Status of NetworkUnavailable. */
async function conditionOf({ control, victim }: Scenery): Promise<string> {
  const node = (await nodesOf(control.cluster)).find(({ metadata }) => metadata.name === victim)
  const found = node?.status.conditions?.find(({ type }) => type === 'NetworkUnavailable')
  if (found === undefined) throw new ScenarioError(`node ${victim} has no condition NetworkUnavailable`)
  return found.status
}

async function vtepOf(scene: Scenery): Promise<{ readonly name: string; readonly mac?: string } | undefined> {
  return factValue((await scene.lookAt(scene.victim)).facts.links).find(({ name }) => isFlannelLink(name))
}

async function sawMac(scene: Scenery, mac: string, name: string): Promise<void> {
  const { ok, stderr } = await scene.control.commands.run(scene.victim, ['ip', 'link', 'del', name])
  if (!ok) throw new ScenarioError(`${name} could not be deleted: ${stderr.trim()}`)
  await scene.control.flanneld.start(scene.victim)
  const now = (await vtepOf(scene))?.mac
  scene.saw('FL-KUBE-29', now === mac, `${name} had MAC ${mac} and has ${now ?? 'none'}`)
}

export const loseVtep = defineScenario({
  name: 'lose-vtep',
  needs: ['cluster', 'flanneld', 'commands'],
  run: async (scene) => {
    const vtep = await vtepOf(scene)
    await scene.control.flanneld.end(scene.victim, 'SIGKILL')
    const status = await conditionOf(scene)
    scene.saw('FL-KUBE-28', status === 'False', `with flanneld killed NetworkUnavailable is ${status}`)
    if (vtep?.mac !== undefined) await sawMac(scene, vtep.mac, vtep.name)
  },
})
