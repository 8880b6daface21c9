/** A lease comes and is deleted while every flanneld runs. */
import { after, awaitSeen } from './await-seen.ts'
import { inventPeer, recordOf } from './fake-peer.ts'
import { onEveryHost } from './on-every-host.ts'
import { leftEntries, missingEntries } from './peer-entries.ts'
import { defineScenario, ScenarioError } from './scenario.ts'

/** A watched key is told at once. */
const NOTICE_MS = 15_000

export const removePeerLease = defineScenario({
  name: 'remove-peer-lease',
  needs: ['datastore', 'flanneld'],
  run: async (scene) => {
    const peer = await inventPeer(scene, { n: 1 })
    await scene.control.datastore.put(recordOf(peer))
    const came = await awaitSeen(scene, NOTICE_MS, () =>
      onEveryHost(scene, (host) => missingEntries(scene, host, peer)),
    )
    if (came.missing !== undefined) throw new ScenarioError(`before the deletion ${came.missing}`)
    await scene.control.datastore.remove(peer.key)
    const removed = await awaitSeen(scene, NOTICE_MS, () =>
      onEveryHost(scene, (host) => leftEntries(scene, host, { peer, kinds: ['route'] })),
    )
    const routes = removed.missing ?? `no host has a route to ${peer.subnet} ${after(removed)}`
    scene.saw('FL-LIFE-08', removed.missing === undefined, routes)
    const forgotten = await awaitSeen(scene, NOTICE_MS, () =>
      onEveryHost(scene, (host) => leftEntries(scene, host, { peer, kinds: ['neighbour', 'fdb'] })),
    )
    const entries = forgotten.missing ?? `no host has neighbour or FDB entry of ${peer.vtepMac ?? 'it'}`
    scene.saw('FL-LIFE-09', forgotten.missing === undefined, entries)
  },
})
