/** etcd is gone for a while and comes back with its data. */
import { after, awaitSeen } from './await-seen.ts'
import { inventPeer, recordOf } from './fake-peer.ts'
import { onEveryHost } from './on-every-host.ts'
import { sawOutage } from './outage.ts'
import { missingEntries } from './peer-entries.ts'
import { defineScenario } from './scenario.ts'

/** Clients of etcd go on trying with pauses of up to some seconds. */
const BACK_MS = 45_000

export const stopEtcd = defineScenario({
  name: 'stop-etcd',
  needs: ['etcd', 'datastore', 'flanneld'],
  run: async (scene) => {
    const { control } = scene
    const before = await scene.look()
    const fake = await inventPeer(scene, { n: 6 })
    await control.etcd.stop()
    await sawOutage(scene, before, { of: 'etcd', runsOn: 'FL-RES-15', stays: 'FL-RES-16' })
    await control.etcd.start()
    await control.datastore.put(recordOf(fake))
    const came = await awaitSeen(scene, BACK_MS, () =>
      onEveryHost(scene, (host) => missingEntries(scene, host, fake)),
    )
    const followed = `every host followed a lease written after the outage ${after(came)}`
    scene.saw('FL-RES-17', came.missing === undefined, came.missing ?? followed)
  },
})
