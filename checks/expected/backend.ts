/** What one backend's expected state is computed from, and what it consists of. */
import { samePrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { HostName } from '../model/snapshot.ts'
import { UDP_OVERHEAD, VXLAN_OVERHEAD } from './constants.ts'
import type { ExpectedHost, Peer } from './expected.ts'
import type { ExternalLink } from './external-link.ts'
import type { Generation } from './generation.ts'
import type { RouteLookup } from './route-lookup.ts'

/** The own lease, everyone else's, and the underlay. */
export interface BackendInput {
  readonly config: NetworkConfig
  readonly generation: Generation
  readonly lease: Lease
  /** Every lease, the own one among them; the same list for all hosts of a network. */
  readonly leases: readonly Lease[]
  readonly nameOf: (lease: Lease) => HostName
  readonly externalLink: ExternalLink | undefined
  /** The kernel's route to an underlay address; undefined when the routes are not known. */
  readonly underlayRoute: RouteLookup | undefined
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
}

/** The part of an expected host that depends on the backend. */
export interface BackendState
  extends Pick<ExpectedHost, 'peers' | 'link' | 'routes' | 'neighbours' | 'fdb' | 'udpPort'> {
  /** FLANNEL_MTU, bytes. */
  readonly mtu?: number
  /** Leases that flannel cannot use either, such as a vxlan lease without a MAC. */
  readonly unusable?: readonly Lease[]
}

/** A backend's expected state, or why there is none. */
export type BackendExpectation = (input: BackendInput) => BackendState | { readonly reason: string }

/** Every lease but the own one, which flannel skips by comparing subnets. */
export function othersOf({
  leases,
  lease: { subnet },
}: Pick<BackendInput, 'leases' | 'lease'>): readonly Lease[] {
  return leases.filter((other) => !samePrefix(other.subnet, subnet))
}

/** The peer behind a lease. */
export function peerOf(lease: Lease, input: BackendInput, direct: boolean): Peer {
  return { lease, name: input.nameOf(lease), direct }
}

/** True where flanneld itself reads packets from its link and sends them on: without it none passes. */
export function isCarriedByFlanneld({ backend }: NetworkConfig): boolean {
  return backend === 'udp'
}

/** Bytes that the backend puts around a packet of a container; none where it only routes. */
export function encapsulationBytes({ backend }: NetworkConfig): number {
  if (backend === 'vxlan') return VXLAN_OVERHEAD
  return backend === 'udp' ? UDP_OVERHEAD : 0
}

/** True where the kernel takes no route to a peer that is not on the link: nothing encapsulates. */
export function needsPeersOnLink({ backend }: NetworkConfig): boolean {
  return backend === 'host-gw'
}
