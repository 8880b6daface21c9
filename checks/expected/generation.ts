/**
 * Which of flannel's designs a host runs. The version of the running binary decides;
 * without it the kernel state it left behind does.
 */

/**
 * `network-address` up to v0.6.x: flannel.VNI carries the network's length, one network route.
 * `network-route` v0.7.0 to v0.8.0: /32 and one network route, neighbours on demand.
 * `per-peer` v0.9.0 and later: /32, one onlink route, permanent neighbour and FDB entry per peer.
 */
export type VxlanDesign = 'network-address' | 'network-route' | 'per-peer'

/** What a version means for the state it writes. */
export interface Generation {
  /** As flanneld says; absent when unknown. */
  readonly version?: string
  readonly vxlan: VxlanDesign
  /** udp up to v0.10.0 puts the network's length on flannel0; v0.11.0 and later /32 and a network route. */
  readonly udp: 'network-address' | 'network-route'
  /** True when `vxlan` and `udp` were inferred from the kernel state. */
  readonly inferred: boolean
}
