import type { Prefix } from './address.ts'

/** Backends flannel ships; the first three have an expected state of their own. */
export type Backend =
  | 'vxlan'
  | 'host-gw'
  | 'udp'
  | 'ipip'
  | 'wireguard'
  | 'ipsec'
  | 'alloc'
  | 'extension'
  | 'unknown'

/** Which etcd API the configuration was read through: v2 up to flannel v0.17.0, v3 from v0.18.0. */
export type EtcdApi = 'v2' | 'v3'

/**
 * The value of PREFIX/config, defaults filled in.
 * Fields and defaults: flannel `pkg/subnet/config.go`, `ParseConfig` and `CheckNetworkConfig`.
 */
export interface NetworkConfig {
  readonly network: Prefix
  readonly subnetLength: number
  /**
   * First and last subnet that may be leased, as network addresses. Kubernetes gives nodes their subnets, of any
   * length: there the range is the whole network, and the length that of most podCIDRs.
   */
  readonly subnetMin: number
  readonly subnetMax: number
  readonly backend: Backend
  /** `Backend.Type` as written, for messages. */
  readonly backendType: string
  /** vxlan: VNI (default 1). */
  readonly vni: number
  /** vxlan: destination port, 8472 when 0 or absent; udp: 8285 when absent. */
  readonly port: number
  readonly directRouting: boolean
  readonly gbp: boolean
  readonly learning: boolean
  /** `Backend.MTU`, honoured by flannel v0.21.3 and later. */
  readonly mtu?: number
  readonly enableNftables: boolean
  readonly enableIpv6: boolean
  /** As the kernel prints it; absent where there is none. */
  readonly ipv6Network?: string
  /** Why flannel v0.15.0 and later refuse what it says of the two families; older versions do not read it. */
  readonly familyProblem?: string
  /** Options of the top level that the operator wrote; the others have their defaults. */
  readonly writtenKeys?: readonly string[]
  /** Keys that flannel ignores silently (`SubnetLength`, options at the wrong level). */
  readonly unknownKeys: readonly string[]
  /** etcd revision (v3) or modifiedIndex (v2) of the last write; absent where the leases are in Kubernetes. */
  readonly revision?: number
  /** The text as stored. */
  readonly text: string
}
