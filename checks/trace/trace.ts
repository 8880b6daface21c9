/**
 * The path of one packet, hop by hop: what the snapshot predicts, what was seen, and where
 * it ended. One trace is one direction; a ping is a request trace and a reply trace.
 */
import type { Evidence } from '../check.ts'
import type { Lease } from '../model/lease.ts'
import type { HostName } from '../model/snapshot.ts'
import type { LosingRule } from './filter/verdict.ts'

/** Where on the path a hop is, in the order a packet meets them. */
export const STAGES = [
  /** The sender itself: container or host. */
  'source',
  /** The sender's container bridge and its ports. */
  'bridge',
  /** Forwarding on the sender's host: switch, packet filters. */
  'forward',
  /** Route choice on the sender's host. */
  'route',
  /** Neighbour entry for the gateway on the flannel link, or for the peer on the underlay. */
  'neighbour',
  /** FDB entry for the peer's VTEP. */
  'fdb',
  /** The flannel link sends: encapsulation, MTU, source address. */
  'encap',
  /** Between the underlay links of the two hosts. */
  'underlay',
  /** The receiver's socket and flannel link take it out. */
  'decap',
  /** Forwarding on the receiver's host: route, reverse path, switch, packet filters. */
  'forward-in',
  /** The receiver's container bridge and its ports. */
  'bridge-in',
  /** The receiver itself. */
  'target',
] as const
export type Stage = (typeof STAGES)[number]

/** Why a packet goes no further; a closed set. */
export type Drop =
  | 'no-route'
  | 'wrong-route'
  | 'no-neighbour'
  | 'wrong-neighbour'
  | 'no-fdb'
  | 'wrong-vtep'
  | 'link-down'
  | 'too-big'
  | 'filtered'
  | 'forwarding-off'
  | 'reverse-path'
  /** The address is local to a host that should pass the packet on. */
  | 'captured'
  /** No socket takes the encapsulated packet: wrong port, link down or missing. */
  | 'not-listening'
  | 'vni-mismatch'
  /** The receiver got it and does not answer. */
  | 'no-answer'
  | 'lost-on-underlay'
  | 'loop'
  | 'not-enough-facts'

/** An end of a path. `container` is absent for the host itself. */
export interface Endpoint {
  readonly host: HostName
  readonly container?: string
  /** IPv4, text. */
  readonly address: string
  /** No container is known there: one is assumed on this bridge of the host. */
  readonly assumedOn?: string
  /** The host was not collected: the walk begins or ends at its public IP on the underlay. */
  readonly beyond?: Lease
}

export interface Hop {
  readonly host: HostName
  readonly stage: Stage
  readonly link?: string
  /** The container whose link it is; absent for a link of the host. */
  readonly container?: string
  /** The entries the prediction used: route, neighbour, FDB entry, rule. */
  readonly used: readonly Evidence[]
  readonly predicted: 'forwarded' | Drop
  /** Whether a tap saw the packet here; absent where none was set or none proved that it works. */
  readonly seen?: boolean
  /** Milliseconds after the first sighting. */
  readonly at?: number
  /** What decided, in words: the rule, the missing entry, the differing values. */
  readonly why?: string
  /** The packet filter rule or policy that takes the packet, or that leaves it open whether it does. */
  readonly rule?: LosingRule
}

/** One direction of one packet. */
export interface Trace {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly direction: 'request' | 'reply'
  readonly hops: readonly Hop[]
  readonly ends: 'delivered' | Drop
  readonly agreement: 'confirmed' | 'predicted-only' | 'contradicted'
  /** Position in `hops` of the last hop at which a tap saw the packet. */
  readonly lastSeen?: number
}
