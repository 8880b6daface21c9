/** Addresses of services, and the ports by which nodes give them to others, each asked from where they are asked in earnest. */
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import { formatAddress, type Prefix, parseAddress } from '../../model/address.ts'
import { isApiService, type KubernetesStatus, type Service, type ServicePort } from '../../model/node.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { collectedEnds } from './ends.ts'
import { endsByAddress, type ServiceWay, wayOf } from './service-way.ts'

/** One service asked for at one host. */
export interface AskedService {
  readonly host: string
  readonly service: Service
  readonly port: ServicePort
  /** What is asked: `10.96.0.1:443`. */
  readonly address: string
  readonly way: ServiceWay
}

/** Walks of one judgement; with many hosts fewer services are asked from each. */
const MOST_WALKS = 2000
const FEWEST = 2

/** The API's own comes first, then those of the system: every other may depend on them. */
function rank(service: Service): number {
  return isApiService(service) ? 0 : service.namespace === 'kube-system' ? 1 : 2
}

interface Asking {
  readonly service: Service
  readonly port: ServicePort
}

/** Ports that somebody answers for, the most needed services first. */
function askedPorts(
  { services = [] }: KubernetesStatus,
  hosts: number,
  isWanted: (port: ServicePort) => boolean,
): readonly Asking[] {
  return [...services]
    .sort((one, other) => rank(one) - rank(other))
    .flatMap((service) => service.ports.map((port) => ({ service, port })))
    .filter(({ port }) => port.endpoints.length > 0 && isWanted(port))
    .slice(0, Math.max(FEWEST, Math.floor(MOST_WALKS / Math.max(1, hosts))))
}

/** Every host asks for the services, each from its first container and at another of their endpoints. */
export function askedServices(
  snapshot: ClusterSnapshot,
  kubernetes: KubernetesStatus,
  network: Prefix,
): readonly AskedService[] {
  const ends = collectedEnds(snapshot, network)
  const byAddress = endsByAddress(snapshot, ends)
  const ports = askedPorts(kubernetes, ends.length, () => true)
  return ends.flatMap(({ name: host, containers: [from] }, index) =>
    ports.flatMap(({ service, port }) => {
      const endpoint = port.endpoints[index % port.endpoints.length]
      if (from === undefined || endpoint === undefined || endpoint.address === from.address) return []
      const address = parseAddress(service.clusterIp) ?? 0
      const asked = { host, from, others: [from], address, port: port.port }
      const known = byAddress.get(endpoint.address)
      const way = wayOf(snapshot, { ...asked, service: port, endpoint, known })
      return [{ host, service, port, address: `${service.clusterIp}:${port.port}`, way }]
    }),
  )
}

/** Every host is asked by the one after it at its own address, which is the node's, for the ports of services that nodes have. */
export function askedNodePorts(
  snapshot: ClusterSnapshot,
  kubernetes: KubernetesStatus,
  network: Prefix,
): readonly AskedService[] {
  const ends = collectedEnds(snapshot, network)
  const byAddress = endsByAddress(snapshot, ends)
  const { nodeByHost } = clusterIdentity(snapshot)
  const ports = askedPorts(kubernetes, ends.length, ({ nodePort }) => nodePort !== undefined)
  const addressOf = (host = ''): number | undefined => {
    const own = nodeByHost.get(host)?.internalIps.map(parseAddress) ?? []
    return own.find((one) => one !== undefined && byAddress.get(formatAddress(one))?.host === host)
  }
  return ends.flatMap(({ name: host }, index) => {
    const asker = ends[(index + 1) % ends.length]?.name ?? host
    const [address, source] = [addressOf(host), addressOf(asker)]
    if (asker === host || address === undefined || source === undefined) return []
    const from = { host: asker, address: formatAddress(source) }
    const others = [from, { host, address: formatAddress(address) }]
    return ports.flatMap(({ service, port }) => {
      const own = nodeByHost.get(host)?.name
      const takers = port.endpoints.filter(({ node }) => service.externalPolicy === 'Cluster' || node === own)
      const endpoint = takers[index % takers.length]
      const { nodePort } = port
      if (!service.externalPolicy || endpoint === undefined || nodePort === undefined) return []
      const known = byAddress.get(endpoint.address)
      const asked = { host, from, others, address, port: nodePort }
      const way = wayOf(snapshot, { ...asked, service: port, endpoint, known })
      return [{ host, service, port, address: `${formatAddress(address)}:${nodePort}`, way }]
    })
  })
}
