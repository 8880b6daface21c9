/** A node comes, changes and is deleted while every flanneld runs. */

import { present } from '../../../checks/model/present.ts'
import { after, awaitStays } from './await-seen.ts'
import { becomes, type FakeNode, inventNode, joins, leaves } from './fake-node.ts'
import { annotateNode } from './node-object.ts'
import { onEveryHost } from './on-every-host.ts'
import { factValue } from './peer-entries.ts'
import { defineScenario, type Equipped, ScenarioError } from './scenario.ts'
import { hostIn, lostLines, pathLines } from './written-state.ts'

/** What is told at once has come by then. */
const CALM_MS = 1500

type WithCluster = Equipped<'cluster'>

/** An annotation that is not flannel's lease changes on a node. */
async function sawOther(scene: WithCluster, { name, prefix }: FakeNode): Promise<void> {
  const before = await scene.look()
  const { network } = factValue(before.datastore.config)
  const annotations = { 'seen-by-conformance': String(Date.now()) }
  await annotateNode(scene.control.cluster, name, { prefix, annotations })
  const lost = await awaitStays(scene, CALM_MS, () =>
    onEveryHost(scene, async (host) => {
      const [was, is] = [
        pathLines(hostIn(before, host), network),
        pathLines(await scene.lookAt(host), network),
      ]
      const changed = lostLines(was, is) ?? lostLines(is, was)
      return changed === undefined ? undefined : `${host} changed ${changed}`
    }),
  )
  scene.saw('FL-KUBE-26', lost === undefined, lost ?? `all entries of ${scene.hosts.length} hosts stayed`)
}

async function sawChanges(scene: WithCluster, first: FakeNode, last: FakeNode): Promise<void> {
  const { vtepMac } = last
  if (vtepMac !== undefined) {
    const moved = await becomes(scene, { ...first, vtepMac })
    const macs = `every host followed from MAC ${first.vtepMac} to ${vtepMac} ${after(moved)}`
    scene.saw('FL-KUBE-23', moved.missing === undefined, moved.missing ?? macs)
  }
  const sent = await becomes(scene, last)
  const addresses = `every host followed from ${first.publicIp} to ${last.publicIp} ${after(sent)}`
  scene.saw('FL-KUBE-24', sent.missing === undefined, sent.missing ?? addresses)
}

export const changePeerNode = defineScenario({
  name: 'change-peer-node',
  needs: ['cluster'],
  run: async (scene) => {
    const first = await inventNode(scene, 1)
    const { publicIp, vtepMac } = await inventNode(scene, 2)
    const last = { ...first, publicIp, ...present({ vtepMac }) }
    const came = await joins(scene, first)
    const all = `all ${scene.hosts.length} hosts had their entries for ${first.subnet} ${after(came)}`
    scene.saw('FL-KUBE-22', came.missing === undefined, came.missing ?? all)
    if (came.missing !== undefined) throw new ScenarioError(`before the change ${came.missing}`)
    await sawOther(scene, first)
    await sawChanges(scene, first, last)
    const gone = await leaves(scene, last)
    const none = `no host has an entry for ${last.subnet} ${after(gone)}`
    scene.saw('FL-KUBE-25', gone.missing === undefined, gone.missing ?? none)
    // The deletion takes the entries of the last MAC along: the first one is made the last one.
    if (first.vtepMac !== undefined) await joins(scene, first).then(() => leaves(scene, first))
  },
})
