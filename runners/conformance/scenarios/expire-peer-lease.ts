/** The lease of a host that is gone for good runs out. */
import { after, awaitSeen } from './await-seen.ts'
import { inventPeer, recordOf } from './fake-peer.ts'
import { onEveryHost } from './on-every-host.ts'
import { leftEntries, missingEntries } from './peer-entries.ts'
import { defineScenario, ScenarioError } from './scenario.ts'

/** In place of a day. etcd looks for expired leases every half second and tells the watchers. */
const TTL_SECONDS = 4
const NOTICE_MS = 20_000

export const expirePeerLease = defineScenario({
  name: 'expire-peer-lease',
  needs: ['datastore', 'flanneld'],
  run: async (scene) => {
    const { datastore } = scene.control
    const peer = await inventPeer(scene, { n: 2 })
    await datastore.put(recordOf(peer, TTL_SECONDS))
    const came = await awaitSeen(scene, TTL_SECONDS * 1000, () => missingEntries(scene, scene.peer, peer))
    if (came.missing !== undefined) throw new ScenarioError(`before it ran out ${came.missing}`)
    const went = await awaitSeen(scene, NOTICE_MS, () =>
      onEveryHost(scene, (host) => leftEntries(scene, host, { peer })),
    )
    if ((await datastore.keys()).has(peer.key)) throw new ScenarioError('etcd did not let it run out')
    scene.saw(
      'FL-LIFE-10',
      went.missing === undefined,
      went.missing ??
        `a lease of ${TTL_SECONDS} s: its entries came ${after(came)} and were gone on every host ${after(went)} more`,
    )
  },
})
