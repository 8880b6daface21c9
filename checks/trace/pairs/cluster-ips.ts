/**
 * Addresses of services, each walked from a container of every host to one that answers for it: kube-proxy of the sender's
 * host gives the packet to an endpoint, and the way from there is that of every other packet.
 */

import { knownValue } from '../../expected/observed-host.ts'
import type { Prefix } from '../../model/address.ts'
import { formatAddress, parseAddress } from '../../model/address.ts'
import type { KubernetesStatus, Service, ServiceEndpoint, ServicePort } from '../../model/node.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { IPVS_LINK } from '../stage/local.ts'
import type { Endpoint, Hop } from '../trace.ts'
import { viewOf, worldOf } from '../walk/world.ts'
import { type WalkedPing, walkPing } from '../walk.ts'
import { collectedEnds, type HostEnds } from './ends.ts'
import { losingHop, PLAIN_SIZE } from './predictions.ts'

/** How a host treats a service: as it should, or what becomes of the packet. */
export type ServiceWay =
  | { readonly kind: 'given' | 'ipvs' | 'not-translated' }
  | { readonly kind: 'elsewhere' | 'lost' | 'open'; readonly hop: Hop }

/** One service asked from one host. */
export interface AskedService {
  readonly host: string
  readonly service: Service
  readonly port: ServicePort
  readonly way: ServiceWay
}

/** Walks of one judgement; with many hosts fewer services are asked from each. */
const MOST_WALKS = 2000
const FEWEST = 2

/** The API's own comes first, then those of the system: every other may depend on them. */
function rank({ namespace, name }: Service): number {
  return namespace === 'default' && name === 'kubernetes' ? 0 : namespace === 'kube-system' ? 1 : 2
}

interface Asking {
  readonly service: Service
  readonly port: ServicePort
}

interface AskedEnd extends Asking {
  readonly endpoint: ServiceEndpoint
  /** Undefined where nobody knows whose it is. */
  readonly known: Endpoint | undefined
}

/** Ports that somebody answers for, the most needed services first. */
function askedPorts({ services = [] }: KubernetesStatus, hosts: number): readonly Asking[] {
  return [...services]
    .sort((one, other) => rank(one) - rank(other))
    .flatMap((service) => service.ports.map((port) => ({ service, port })))
    .filter(({ port }) => port.endpoints.length > 0)
    .slice(0, Math.max(FEWEST, Math.floor(MOST_WALKS / Math.max(1, hosts))))
}

/** Ends by their address: containers, and the hosts themselves. What no host that was read has is somewhere beyond. */
function endsByAddress(snapshot: ClusterSnapshot, ends: readonly HostEnds[]): ReadonlyMap<string, Endpoint> {
  const owners = [...worldOf(snapshot).owners].flatMap(([number, [owner]]) => {
    const address = formatAddress(number)
    return owner === undefined ? [] : [[address, { host: owner.host, address }] as const]
  })
  const inside = ends.flatMap(({ containers, more }) => [...containers, ...more])
  return new Map<string, Endpoint>([...owners, ...inside.map((end) => [end.address, end] as const)])
}

/** Why the filters of a host are not known. */
function unreadFilters(snapshot: ClusterSnapshot, host: string): readonly string[] {
  const view = viewOf(worldOf(snapshot), host)
  return 'absent' in view ? [view.absent] : view.filters.unread
}

function isOnIpvs(snapshot: ClusterSnapshot, host: string, address: number): boolean {
  const facts = snapshot.hosts.get(host)?.facts
  const addresses = facts && knownValue(facts.addresses)
  return (addresses ?? []).some(({ link, prefix }) => link === IPVS_LINK && prefix?.address === address)
}

function wayOf(snapshot: ClusterSnapshot, from: Endpoint, asking: AskedEnd): ServiceWay {
  const { service, port, endpoint, known } = asking
  const address = parseAddress(service.clusterIp) ?? 0
  if (isOnIpvs(snapshot, from.host, address)) return { kind: 'ipvs' }
  const pair = { from, to: known ?? { host: '', address: endpoint.address } }
  const packet = { size: PLAIN_SIZE, protocol: port.protocol, destinationPort: port.port } as const
  const walked = walkPing(snapshot, pair, { ...packet, service: { address, endPort: endpoint.port } })
  if (walked.redirected.length === 0) return untranslated(walked, unreadFilters(snapshot, from.host))
  const hop = known && lostHop(walked)
  if (hop === undefined) return { kind: 'given' }
  if (hop.predicted === 'not-enough-facts') return { kind: 'open', hop }
  // What the packet would meet without the service as well is told elsewhere.
  const direct = walkPing(snapshot, pair, { ...packet, destinationPort: endpoint.port })
  return lostHop(direct) === undefined ? { kind: 'lost', hop } : { kind: 'given' }
}

function lostHop({ request, reply }: WalkedPing): Hop | undefined {
  const lost = [request, reply].find((one) => one !== undefined && one.ends !== 'delivered')
  return lost && losingHop(lost)
}

/** What became of a packet that went on to the address of the service itself. */
function untranslated({ request }: WalkedPing, unread: readonly string[]): ServiceWay {
  const hop = request.hops.at(-1)
  if (hop === undefined) return { kind: 'not-translated' }
  if (hop.predicted === 'redirected') return { kind: 'elsewhere', hop }
  if (hop.predicted === 'filtered') return { kind: 'lost', hop }
  const isOpen = hop.predicted === 'not-enough-facts' && (hop.rule !== undefined || unread.length > 0)
  return isOpen ? { kind: 'open', hop } : { kind: 'not-translated' }
}

/** Every host asks for the services, each from its first container and at another of their endpoints. */
export function askedServices(
  snapshot: ClusterSnapshot,
  kubernetes: KubernetesStatus,
  network: Prefix,
): readonly AskedService[] {
  const ends = collectedEnds(snapshot, network)
  const byAddress = endsByAddress(snapshot, ends)
  const ports = askedPorts(kubernetes, ends.length)
  return ends.flatMap(({ name: host, containers: [from] }, index) =>
    ports.flatMap(({ service, port }) => {
      const endpoint = port.endpoints[index % port.endpoints.length]
      if (from === undefined || endpoint === undefined || endpoint.address === from.address) return []
      return [
        {
          host,
          service,
          port,
          way: wayOf(snapshot, from, { service, port, endpoint, known: byAddress.get(endpoint.address) }),
        },
      ]
    }),
  )
}
