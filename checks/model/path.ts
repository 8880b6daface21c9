/** The way of a packet in words: where on it something is, and its two ends. */
import type { Lease } from './lease.ts'
import type { HostName } from './snapshot.ts'

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

/** An end by its name: `HOST/CONTAINER`, or `HOST`. */
export function endName({
  host,
  container,
}: {
  readonly host: HostName
  readonly container?: string
}): string {
  return container === undefined ? host : `${host}/${container}`
}
