import type { Prefix } from './address.ts'

/**
 * /run/flannel/subnet.env, written by flanneld once lease and backend are ready.
 * Lines: flannel `pkg/subnet/subnet.go`, `WriteSubnetFile`.
 */
export interface SubnetEnv {
  /** FLANNEL_NETWORK. */
  readonly network?: Prefix
  /** FLANNEL_SUBNET: the bridge address (first address of the subnet) with the subnet's length. */
  readonly subnet?: Prefix
  /** FLANNEL_MTU, bytes. */
  readonly mtu?: number
  /** FLANNEL_IPMASQ: true when flanneld masquerades, so that Docker must not. */
  readonly ipMasq?: boolean
  /** Where the file was read. */
  readonly path: string
  /** Modification time, seconds since 1970, where the host could tell. */
  readonly modifiedAt?: number
  /** The newer file that the one running flanneld writes in place of this one, as flanneld was told it. */
  readonly writtenElsewhere?: string
  /** Lines end as on Windows. */
  readonly hasCarriageReturns?: true
  /** Lines that are not one of the known variables, as written. */
  readonly otherLines: readonly string[]
}
