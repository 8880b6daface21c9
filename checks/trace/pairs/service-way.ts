/**
 * What becomes of a packet to an address of a service: kube-proxy of the host that has the address, or of the sender's,
 * gives it to an endpoint, by rules, which are walked, or by IPVS, whose table says it. The way from there is that of every
 * other packet.
 */
import { knownValue } from '../../expected/observed-host.ts'
import { formatAddress, parseAddress } from '../../model/address.ts'
import type { IpvsService } from '../../model/ipvs.ts'
import type { ServiceEndpoint, ServicePort } from '../../model/node.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { IPVS_LINK } from '../stage/local.ts'
import type { Endpoint, Hop } from '../trace.ts'
import { viewOf, worldOf } from '../walk/world.ts'
import { type WalkedPing, walkPing } from '../walk.ts'
import type { HostEnds } from './ends.ts'
import { losingHop, PLAIN_SIZE } from './predictions.ts'

/** How a host treats a service: as it should, or what becomes of the packet. */
export type ServiceWay =
  | { readonly kind: 'given' | 'not-translated' }
  /** IPVS of the host gives it elsewhere, or its table is not known. */
  | { readonly kind: 'elsewhere' | 'open'; readonly why: string }
  | { readonly kind: 'elsewhere' | 'lost' | 'open'; readonly hop: Hop }

/** A question to a host that must translate the address. */
export interface AskedAddress {
  /** Who translates it. */
  readonly host: string
  readonly from: Endpoint
  readonly address: number
  /** The port of that address. */
  readonly port: number
  readonly service: ServicePort
  readonly endpoint: ServiceEndpoint
  /** Who reaches the endpoint where nothing but the service is broken. */
  readonly others: readonly Endpoint[]
  /** Undefined where nobody knows whose the endpoint is. */
  readonly known: Endpoint | undefined
}

/** Ends by their address: containers, and the hosts themselves. What no host that was read has is somewhere beyond. */
export function endsByAddress(
  snapshot: ClusterSnapshot,
  ends: readonly HostEnds[],
): ReadonlyMap<string, Endpoint> {
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

/** True where kube-proxy of that host works by IPVS: it makes a link for the addresses of services, which may be left from before. */
function isOnIpvs(snapshot: ClusterSnapshot, host: string): boolean {
  const facts = snapshot.hosts.get(host)?.facts
  const addresses = facts && knownValue(facts.addresses)
  const isEmpty = facts?.ipvs.known === true && facts.ipvs.value.length === 0
  return !isEmpty && (addresses ?? []).some(({ link }) => link === IPVS_LINK)
}

/** What the balancer does with the address. */
function wayOfIpvs(snapshot: ClusterSnapshot, { host, address, port, service }: AskedAddress): ServiceWay {
  const fact = snapshot.hosts.get(host)?.facts.ipvs
  if (fact?.known !== true) {
    return { kind: 'open', why: `IPVS of ${host} takes it, whose table is not known: ${fact?.detail ?? ''}` }
  }
  const isIt = (one: IpvsService): boolean =>
    one.protocol === service.protocol && one.address === address && one.port === port
  const found = fact.value.find(isIt)
  if (found === undefined) return { kind: 'not-translated' }
  const takers = found.destinations.filter(({ weight }) => weight > 0)
  const isRight = service.endpoints.some((end) =>
    takers.some((one) => one.address === parseAddress(end.address) && one.port === end.port),
  )
  if (isRight) return { kind: 'given' }
  const given = takers.map((one) => `${formatAddress(one.address)}:${one.port}`).join(', ')
  return { kind: 'elsewhere', why: `IPVS gives it to ${given || 'nobody'}` }
}

/** How the address is treated. */
export function wayOf(snapshot: ClusterSnapshot, asked: AskedAddress): ServiceWay {
  const { host, from, address, port, service, endpoint, known, others } = asked
  if (isOnIpvs(snapshot, host)) return wayOfIpvs(snapshot, asked)
  const pair = { from, to: known ?? { host: '', address: endpoint.address } }
  const packet = { size: PLAIN_SIZE, protocol: service.protocol, destinationPort: port } as const
  const walked = walkPing(snapshot, pair, { ...packet, service: { address, endPort: endpoint.port } })
  if (walked.redirected.length === 0) return untranslated(walked, unreadFilters(snapshot, host))
  const hop = known && lostHop(walked)
  if (hop === undefined) return { kind: 'given' }
  if (hop.predicted === 'not-enough-facts') return { kind: 'open', hop }
  // What the packet would meet without the service as well is told elsewhere.
  const isReached = (one: Endpoint): boolean => {
    const direct = walkPing(snapshot, { ...pair, from: one }, { ...packet, destinationPort: endpoint.port })
    return lostHop(direct) === undefined
  }
  return others.every(isReached) ? { kind: 'lost', hop } : { kind: 'given' }
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
  // What does not come out of its container meets no rule of the host; that is told elsewhere.
  if (hop.container !== undefined || hop.stage === 'bridge') return { kind: 'given' }
  const isOpen = hop.predicted === 'not-enough-facts' && (hop.rule !== undefined || unread.length > 0)
  return isOpen ? { kind: 'open', hop } : { kind: 'not-translated' }
}
