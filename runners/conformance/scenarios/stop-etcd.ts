/** etcd is gone for a while and comes back with its data. */
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { after, awaitSeen, awaitStays } from './await-seen.ts'
import { inventPeer, recordOf } from './fake-peer.ts'
import { onEveryHost } from './on-every-host.ts'
import { overlayPath, pingAlong } from './overlay-path.ts'
import { factValue, missingEntries } from './peer-entries.ts'
import { defineScenario, type Equipped } from './scenario.ts'
import { hostIn, lostLines, pathLines } from './written-state.ts'

/** Long enough for several of flanneld's retries, a second apart. */
const OUTAGE_MS = 3000
/** Clients of etcd go on trying with pauses of up to some seconds. */
const BACK_MS = 45_000

async function sawOutage(scene: Equipped<'etcd' | 'flanneld'>, before: ClusterSnapshot): Promise<void> {
  const { control, hosts, victim, peer } = scene
  const { network } = factValue(before.datastore.config)
  const ended = async (host: string): Promise<string | undefined> =>
    (await control.flanneld.isRunning(host)) ? undefined : `flanneld of ${host} ended`
  const changed = await awaitStays(scene, OUTAGE_MS, () =>
    onEveryHost(scene, async (host) => {
      const lines = pathLines(hostIn(before, host), network)
      const lost = lostLines(lines, pathLines(await scene.lookAt(host), network))
      return lost === undefined ? undefined : `${host} lost ${lost}`
    }),
  )
  const answer = await pingAlong(scene, overlayPath(before, victim, peer))
  const outage = `without etcd for ${OUTAGE_MS / 1000} s`
  scene.saw(
    'FL-RES-16',
    changed === undefined && answer.isWhole,
    changed ?? `${outage} nothing changed and ${answer.said}`,
  )
  const over = await onEveryHost(scene, ended)
  scene.saw(
    'FL-RES-15',
    over === undefined,
    over ?? `${outage} the flanneld of all ${hosts.length} hosts ran on`,
  )
}

export const stopEtcd = defineScenario({
  name: 'stop-etcd',
  needs: ['etcd', 'datastore', 'flanneld'],
  run: async (scene) => {
    const { control } = scene
    const before = await scene.look()
    const fake = await inventPeer(scene, { n: 6 })
    await control.etcd.stop()
    await sawOutage(scene, before)
    await control.etcd.start()
    await control.datastore.put(recordOf(fake))
    const came = await awaitSeen(scene, BACK_MS, () =>
      onEveryHost(scene, (host) => missingEntries(scene, host, fake)),
    )
    const followed = `every host followed a lease written after the outage ${after(came)}`
    scene.saw('FL-RES-17', came.missing === undefined, came.missing ?? followed)
  },
})
