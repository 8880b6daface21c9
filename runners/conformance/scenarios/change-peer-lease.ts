/** A host comes back with another MAC, then with another public IP, and keeps its subnet. */
import { type Awaited, after, awaitSeen } from './await-seen.ts'
import { type FakePeer, inventPeer, recordOf } from './fake-peer.ts'
import { onEveryHost } from './on-every-host.ts'
import { leftEntries, missingEntries } from './peer-entries.ts'
import { defineScenario, type Equipped, ScenarioError } from './scenario.ts'

const NOTICE_MS = 15_000

/** Writes the lease and waits for every host to follow it. */
async function follow(scene: Equipped<'datastore' | 'flanneld'>, peer: FakePeer): Promise<Awaited> {
  await scene.control.datastore.put(recordOf(peer))
  return awaitSeen(scene, NOTICE_MS, () => onEveryHost(scene, (host) => missingEntries(scene, host, peer)))
}

/** The deletion of a lease takes the entries of its last MAC along: each MAC is made the last one once. */
async function forget(scene: Equipped<'datastore' | 'flanneld'>, peers: readonly FakePeer[]): Promise<void> {
  for (const peer of peers) {
    await follow(scene, peer)
    await scene.control.datastore.remove(peer.key)
    await awaitSeen(scene, NOTICE_MS, () => onEveryHost(scene, (host) => leftEntries(scene, host, { peer })))
  }
}

export const changePeerLease = defineScenario({
  name: 'change-peer-lease',
  needs: ['datastore', 'flanneld'],
  backends: ['vxlan', 'host-gw'],
  run: async (scene) => {
    const first = await inventPeer(scene, { n: 3 })
    const otherMac = await inventPeer(scene, { n: 3, mac: 4, subnet: first.subnet })
    const otherIp = await inventPeer(scene, { n: 5, mac: 4, subnet: first.subnet })
    const came = await follow(scene, first)
    if (came.missing !== undefined) throw new ScenarioError(`before the change ${came.missing}`)
    if (scene.backend === 'vxlan') {
      const moved = await follow(scene, otherMac)
      const macs = `from MAC ${first.vtepMac} to ${otherMac.vtepMac} ${after(moved)}`
      scene.saw('FL-LIFE-18', moved.missing === undefined, moved.missing ?? `every host followed ${macs}`)
    }
    const sent = await follow(scene, otherIp)
    const addresses = `from ${first.publicIp} to ${otherIp.publicIp} ${after(sent)}`
    scene.saw('FL-LIFE-19', sent.missing === undefined, sent.missing ?? `every host followed ${addresses}`)
    await forget(scene, [otherIp, first])
  },
})
