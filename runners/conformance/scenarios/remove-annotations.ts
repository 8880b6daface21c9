/** Somebody removes flannel's annotations from the node of a running flanneld, which then is started without the right to write them. */
import { awaitSeen, awaitStays } from './await-seen.ts'
import { accountMayPatch, withoutPatch } from './flannel-account.ts'
import { annotateNode, annotationsOf, nodesOf, prefixOf } from './node-object.ts'
import { missingEntries, peerOf } from './peer-entries.ts'
import { defineScenario, type Equipped, ScenarioError } from './scenario.ts'
import { ownLease } from './written-state.ts'

/** flanneld looks at its node once, when it starts: nothing that it would do takes longer. */
const CALM_MS = 3000
/** Two of its tries, 3 s apart; up to v0.25.2 the first error is the end. */
const REFUSED_MS = 5000
const RIGHTS_MS = 10_000

type Scenery = Equipped<'cluster' | 'flanneld'>

/** Flannel's annotations of the victim that are there again. */
async function backOn({ control, victim }: Scenery, prefix: string): Promise<string | undefined> {
  const node = (await nodesOf(control.cluster)).find(({ metadata }) => metadata.name === victim)
  if (node === undefined) throw new ScenarioError(`there is no node ${victim}`)
  const names = Object.keys(annotationsOf(node, prefix))
  return names.length === 0 ? undefined : `node ${victim} has ${names.join(', ')} again`
}

async function sawAway(scene: Scenery, prefix: string): Promise<void> {
  const { control, victim, peer } = scene
  const lease = peerOf(ownLease(await scene.look(), victim))
  const node = (await nodesOf(control.cluster)).find(({ metadata }) => metadata.name === victim)
  const names = Object.keys(node === undefined ? {} : annotationsOf(node, prefix))
  const annotations = Object.fromEntries(names.map((name) => [name, null]))
  await annotateNode(control.cluster, victim, { prefix, annotations })
  const changed = await awaitStays(
    scene,
    CALM_MS,
    async () => (await backOn(scene, prefix)) ?? missingEntries(scene, peer, lease),
  )
  const calm = `${CALM_MS / 1000} s later ${victim} has none of ${names.length} annotations and ${peer} its entries`
  scene.saw('FL-KUBE-27', changed === undefined, changed ?? calm)
}

/** Starts it while its account may not write the annotations, which it may again after a while. */
async function sawRefused(scene: Scenery): Promise<void> {
  const { control, victim } = scene
  let starting: Promise<void> | undefined
  const isRunning = async (): Promise<string | undefined> =>
    (await control.flanneld.isRunning(victim)) ? undefined : `flanneld of ${victim} ended`
  const ended = await withoutPatch(control.cluster, async () => {
    const rights = await awaitSeen(scene, RIGHTS_MS, () => accountMayPatch(control.cluster))
    if (rights.missing !== undefined) throw new ScenarioError(rights.missing)
    starting = control.flanneld.start(victim)
    starting.catch(() => {}) // awaited below; until then it must not count as unheard
    await awaitSeen(scene, RIGHTS_MS, isRunning)
    return awaitStays(scene, REFUSED_MS, isRunning)
  })
  const failed = await starting?.then(
    () => undefined,
    (error: Error) => error.message,
  )
  const problem = ended ?? failed
  const tried = `refused for ${REFUSED_MS / 1000} s, the flanneld of ${victim} ran on and then came up`
  scene.saw('FL-KUBE-30', problem === undefined, problem ?? tried)
}

export const removeAnnotations = defineScenario({
  name: 'remove-annotations',
  needs: ['cluster', 'flanneld'],
  run: async (scene) => {
    const prefix = prefixOf(await nodesOf(scene.control.cluster))
    await sawAway(scene, prefix)
    await scene.control.flanneld.end(scene.victim, 'SIGTERM')
    await sawRefused(scene)
  },
})
