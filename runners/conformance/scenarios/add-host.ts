/** A host joins the network and leaves it. */
import {
  containsPrefix,
  formatAddress,
  formatPrefix,
  networkAddress,
  overlaps,
} from '../../../checks/model/address.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { after, awaitSeen } from './await-seen.ts'
import { onEveryHost } from './on-every-host.ts'
import { overlayPath, pingAlong } from './overlay-path.ts'
import { factValue, missingEntries, peerOf } from './peer-entries.ts'
import { defineScenario, type Equipped } from './scenario.ts'
import { ownLease } from './written-state.ts'

const NOTICE_MS = 20_000

type Growing = Equipped<'growth' | 'flanneld'>

function sawSubnet(scene: Growing, snapshot: ClusterSnapshot, added: string): void {
  const { network, subnetLength, subnetMin, subnetMax } = factValue(snapshot.datastore.config)
  const lease = ownLease(snapshot, added)
  const own = networkAddress(lease.subnet)
  const isInside = containsPrefix(network, lease.subnet) && own >= subnetMin && own <= subnetMax
  const others = factValue(snapshot.datastore.leases).leases.filter((each) => each.key !== lease.key)
  const shared = others.filter((each) => overlaps(each.subnet, lease.subnet))
  const limits = `${formatAddress(subnetMin)} to ${formatAddress(subnetMax)}`
  scene.saw(
    'FL-LIFE-04',
    isInside && lease.subnet.length === subnetLength && shared.length === 0,
    `${added} was given ${formatPrefix(lease.subnet)} of ${limits}; it overlaps ${shared.length} other leases`,
  )
}

async function sawRoutes(scene: Growing, snapshot: ClusterSnapshot, added: string): Promise<void> {
  const { hosts } = scene
  const lease = peerOf(ownLease(snapshot, added))
  const known = await awaitSeen(scene, NOTICE_MS, () =>
    onEveryHost(scene, (host) => missingEntries(scene, host, lease)),
  )
  const all = `all ${hosts.length} hosts had their entries for ${added}, ${lease.subnet}, ${after(known)}`
  scene.saw('FL-LIFE-05', known.missing === undefined, known.missing ?? all)
  const knows = await awaitSeen(scene, NOTICE_MS, () =>
    onEveryHost(scene, (host) => missingEntries(scene, added, peerOf(ownLease(snapshot, host)))),
  )
  const own = `${added} has its entries for all ${hosts.length} hosts`
  scene.saw('FL-LIFE-06', knows.missing === undefined, knows.missing ?? own)
}

async function comes(scene: Growing, added: string): Promise<void> {
  const snapshot = await scene.look()
  sawSubnet(scene, snapshot, added)
  await sawRoutes(scene, snapshot, added)
  const there = await pingAlong(scene, overlayPath(snapshot, scene.peer, added))
  const back = await pingAlong(scene, overlayPath(snapshot, added, scene.peer))
  scene.saw('FL-LIFE-07', there.isWhole && back.isWhole, `${there.said}; ${back.said}`)
}

export const addHost = defineScenario({
  name: 'add-host',
  needs: ['growth', 'flanneld'],
  run: async (scene) => comes(scene, await scene.control.growth.add()),
})
