/** The way of each flanneld to where its lease is kept: the etcd it was told, or the API of its cluster. */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { endpointPlace, isLoopbackName } from '../../expected/etcd-endpoint.ts'
import { flanneldFor, flanneldOptions } from '../../expected/flanneld-options.ts'
import { knownValue } from '../../expected/observed-host.ts'
import { formatAddress, parseAddress } from '../../model/address.ts'
import type { FlanneldProcess } from '../../model/daemon.ts'
import { isApiService } from '../../model/node.ts'
import type { ClusterSnapshot, HostName } from '../../model/snapshot.ts'
import type { Endpoint, Hop } from '../trace.ts'
import type { WalkPacket } from '../walk/state.ts'
import { worldOf } from '../walk/world.ts'
import { walkPing } from '../walk.ts'
import { losingHop, PLAIN_SIZE } from './predictions.ts'

/** One address at which a flanneld asks. */
export interface AskedStore {
  /** `192.0.2.1:2379`. */
  readonly address: string
  /** Where its packets are lost; absent where they get out of the host. */
  readonly hop?: Hop
}

interface Store {
  readonly address: string
  readonly port: number
  readonly service?: WalkPacket['service']
}

/** Addresses of etcd that another host may have; names are not resolved here. */
function etcdStores(process: FlanneldProcess): readonly Store[] {
  return flanneldOptions(process).etcdEndpoints.flatMap((url) => {
    const { name, port } = endpointPlace(url)
    if (port === undefined || parseAddress(name) === undefined || isLoopbackName(name)) return []
    return [{ address: name, port }]
  })
}

/** The service of the API, which a pod is told (client-go `rest/config.go`, `InClusterConfig`). */
function apiStores(
  { datastore: { kubernetes } }: ClusterSnapshot,
  { argv }: FlanneldProcess,
): readonly Store[] {
  if (!kubernetes.known || argv.some((word) => /^--?kube(config-file|-api-url)\b/.test(word))) return []
  const api = kubernetes.value.services?.find(isApiService)
  return (api?.ports ?? []).flatMap(({ port, endpoints: [end] }) => {
    const address = parseAddress(api?.clusterIp ?? '')
    if (end === undefined || address === undefined) return []
    return [{ address: end.address, port, service: { address, endPort: end.port } }]
  })
}

/** Only what happens on the host itself: how packets go on to what no host of the network has is not known. */
const OWN_LOSSES: ReadonlySet<Hop['predicted']> = new Set(['filtered', 'no-route', 'link-down'])

function asked(snapshot: ClusterSnapshot, from: Endpoint, { address, port, service }: Store): AskedStore {
  const [owner] = worldOf(snapshot).owners.get(parseAddress(address) ?? 0) ?? []
  const to = { host: owner?.host ?? '', address }
  const packet = { size: PLAIN_SIZE, protocol: 'tcp', destinationPort: port } as const
  const { request, reply } = walkPing(snapshot, { from, to }, { ...packet, ...(service && { service }) })
  const lost = [request, reply].find((one) => one !== undefined && one.ends !== 'delivered')
  const hop = lost && losingHop(lost)
  const text = `${service ? formatAddress(service.address) : address}:${port}`
  return hop !== undefined && OWN_LOSSES.has(hop.predicted) ? { address: text, hop } : { address: text }
}

/** Where the flanneld of a host asks, each walked; none where it is not known or asks its own host. */
export function askedStores(snapshot: ClusterSnapshot, host: HostName): readonly AskedStore[] {
  const facts = snapshot.hosts.get(host)?.facts
  const flanneld = facts && knownValue(facts.flanneld)
  const { etcd } = snapshot.datastore
  const process = flanneld && flanneldFor(flanneld, etcd.known ? etcd.value.prefix : undefined)
  const identity = clusterIdentity(snapshot).byHost.get(host)
  if (process === undefined || identity === undefined || !('lease' in identity)) return []
  const { kubeSubnetMgr } = flanneldOptions(process)
  const stores = kubeSubnetMgr ? apiStores(snapshot, process) : etcdStores(process)
  const from = { host, address: formatAddress(identity.lease.publicIp) }
  return stores.filter(({ address }) => address !== from.address).map((store) => asked(snapshot, from, store))
}
