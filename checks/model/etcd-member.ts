import type { EtcdApi } from './network-config.ts'

/** What one configured etcd endpoint answered. */
export interface EtcdEndpoint {
  readonly url: string
  readonly reachable: boolean
  /** Why not, in the words of the transport. */
  readonly problem?: string
  readonly version?: string
  /** False when the member says it has no leader or raises an alarm. */
  readonly healthy?: boolean
  /** What it says is wrong with it: no leader, or its alarms; absent where it only says that it is not healthy. */
  readonly trouble?: string
  readonly clusterId?: string
  readonly memberId?: string
  /** Names of the authorities that signed its certificate and those it sent along; absent without TLS. */
  readonly signers?: readonly string[]
}

/** The datastore as a whole: who answered, and where the configuration lives. */
export interface EtcdStatus {
  readonly endpoints: readonly EtcdEndpoint[]
  /** Host URL of the host whose network reached it; absent where it was asked from where flannel-doctor ran. */
  readonly via?: string
  readonly prefix: string
  /** The API the configuration was read through. */
  readonly api: EtcdApi
  /** True when the other API also holds PREFIX/config (two stores, easy to confuse). */
  readonly otherApiHasConfig: boolean
  /** The etcd is one that does not serve the other API (etcd 3.4 and later without --enable-v2). */
  readonly otherApiOff?: true
  /** The v2 store has a directory in the place of PREFIX/config: nothing can be written there. */
  readonly configIsDirectory?: true
  readonly revision: number
}
