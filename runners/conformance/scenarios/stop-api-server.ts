/** The API server of a cluster is gone for a while and comes back. */
import { after } from './await-seen.ts'
import { inventNode, joins, leaves } from './fake-node.ts'
import { sawOutage } from './outage.ts'
import { defineScenario } from './scenario.ts'

/** Clients of the API try again with pauses of up to half a minute. */
const BACK_MS = 90_000

export const stopApiServer = defineScenario({
  name: 'stop-api-server',
  needs: ['cluster', 'flanneld'],
  run: async (scene) => {
    const { cluster } = scene.control
    const before = await scene.look()
    const fake = await inventNode(scene, 3)
    await cluster.stop()
    await sawOutage(scene, before, { of: 'the API server', runsOn: 'FL-KUBE-31', stays: 'FL-KUBE-32' })
    await cluster.start()
    const came = await joins(scene, fake, BACK_MS)
    const followed = `every host followed a node that came after the outage ${after(came)}`
    scene.saw('FL-KUBE-33', came.missing === undefined, came.missing ?? followed)
    await leaves(scene, fake)
  },
})
