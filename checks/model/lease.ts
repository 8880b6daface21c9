import type { Prefix } from './address.ts'
import type { Ipv6Prefix } from './ipv6.ts'

/** The second family of a lease (flannel v0.15.0 and later in Kubernetes, v0.17.0 in etcd). */
export interface Ipv6Lease {
  readonly subnet: Ipv6Prefix
  /** As the kernel prints it. */
  readonly publicIp?: string
  /** vxlan: MAC address of flannel-v6.VNI, lower case. */
  readonly vtepMac?: string
}

/**
 * One record under PREFIX/subnets: it ties a subnet to the host with that public IP.
 * Format: flannel `pkg/subnet/subnet.go` (`MakeSubnetKey`) and `pkg/lease/lease.go` (`LeaseAttrs`).
 * In Kubernetes a node is the record, with annotations in place of the value (`pkg/subnet/kube/kube.go`, `nodeToLease`).
 */
export interface Lease {
  /** Full etcd key, or `node/NAME`. */
  readonly key: string
  /** Name of the node that is the record. */
  readonly node?: string
  /** The subnet, host bits kept when the key has them (an unaligned SubnetMin gives such keys). */
  readonly subnet: Prefix
  readonly publicIp: number
  /** Absent for the udp and alloc backends, which write no BackendType. */
  readonly backendType?: string
  /** vxlan: MAC address of the host's VTEP, lower case. */
  readonly vtepMac?: string
  /** vxlan, flannel v0.14.0 and later. */
  readonly vni?: number
  /** Absent where the record has no IPv6 subnet. */
  readonly ipv6?: Ipv6Lease
  /** Seconds to live at the time of reading; absent for a key without expiry. */
  readonly ttlSeconds?: number
  /** etcd v3 lease the key is attached to; absent for v2 and for a plain key. */
  readonly etcdLeaseId?: string
  /** etcd revision (v3) or modifiedIndex (v2) of the last write. */
  readonly revision: number
}

/** A record under PREFIX/subnets that is not a lease we can read. */
export interface UnreadableLease {
  readonly key: string
  /** The subnet, where at least the key could be read. */
  readonly subnet?: Prefix
  readonly problem: string
}

/** Everything under PREFIX/subnets. */
export interface LeaseTable {
  readonly leases: readonly Lease[]
  readonly unreadable: readonly UnreadableLease[]
}
