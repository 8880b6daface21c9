/** A node that does not exist: what hosts write for it is seen, and nobody's traffic depends on it. */
import { formatAddress } from '../../../checks/model/address.ts'
import { type Awaited, awaitSeen } from './await-seen.ts'
import { fakeMac, publicIpFor, spareSubnet } from './fake-peer.ts'
import {
  annotateNode,
  type FlannelAnnotations,
  makeNode,
  nodesOf,
  prefixOf,
  removeNode,
} from './node-object.ts'
import { onEveryHost } from './on-every-host.ts'
import { factValue, leftEntries, missingEntries, type PeerRecord } from './peer-entries.ts'
import type { Equipped } from './scenario.ts'

/** A watched node is told at once. */
const NOTICE_MS = 15_000

type WithCluster = Equipped<'cluster'>

export interface FakeNode extends PeerRecord {
  readonly name: string
  readonly prefix: string
  /** VNI of the network, which vxlan publishes. */
  readonly vni: number
}

/** Makes one up; nothing is written. `n` chooses public IP and MAC. */
export async function inventNode(scene: WithCluster, n: number): Promise<FakeNode> {
  const { datastore } = await scene.look()
  const config = factValue(datastore.config)
  const nodes = await nodesOf(scene.control.cluster)
  const taken = nodes.map(({ spec }) => spec.podCIDR?.split('/')[0] ?? '')
  const underlay = factValue(datastore.leases).leases[0]?.publicIp ?? 0
  return {
    name: `fake${n}`,
    prefix: prefixOf(nodes),
    vni: config.vni,
    subnet: spareSubnet(config, taken),
    publicIp: publicIpFor(scene.backend, formatAddress(underlay), n),
    ...(scene.backend === 'vxlan' && { vtepMac: fakeMac(n) }),
  }
}

/** As `pkg/subnet/kube/kube.go` AcquireLease writes them. */
function written(scene: WithCluster, { publicIp, vtepMac, vni }: FakeNode): FlannelAnnotations {
  const data = vtepMac === undefined ? null : { VNI: vni, VtepMAC: vtepMac }
  return { 'backend-type': scene.backend, 'backend-data': JSON.stringify(data), 'public-ip': publicIp }
}

/** Waits until every host has its entries for the node. */
function programmed(scene: WithCluster, node: FakeNode, ms = NOTICE_MS): Promise<Awaited> {
  return awaitSeen(scene, ms, () => onEveryHost(scene, (host) => missingEntries(scene, host, node)))
}

/** Registers it, and waits for every host. */
export async function joins(scene: WithCluster, node: FakeNode, ms = NOTICE_MS): Promise<Awaited> {
  const { name, subnet, prefix } = node
  const annotations = written(scene, node)
  await makeNode(scene.control.cluster, { name, podCIDR: subnet }, { prefix, annotations })
  return programmed(scene, node, ms)
}

/** Writes what is different of it now, and waits for every host. */
export async function becomes(scene: WithCluster, node: FakeNode): Promise<Awaited> {
  const annotations = written(scene, node)
  await annotateNode(scene.control.cluster, node.name, { prefix: node.prefix, annotations })
  return programmed(scene, node)
}

/** Deletes it, and waits until no host has entries of those kinds. */
export async function leaves(
  scene: WithCluster,
  node: FakeNode,
  kinds?: Parameters<typeof leftEntries>[2]['kinds'],
): Promise<Awaited> {
  await removeNode(scene.control.cluster, node.name)
  const asked = { peer: node, ...(kinds && { kinds }) }
  return awaitSeen(scene, NOTICE_MS, () => onEveryHost(scene, (host) => leftEntries(scene, host, asked)))
}
