/** What to ask etcd for. */
import type { KubernetesRequest } from './kubernetes/request.ts'

export type AskedApi = 'auto' | 'v2' | 'v3'

/** How long one endpoint may take for everything asked of it, in milliseconds. */
export const ETCD_TIMEOUT_MS = 3000
/** Where no endpoint answered in time all are asked once more, with so many times as much. */
export const SECOND_TRY = 3

export interface EtcdRequest {
  readonly endpoints: readonly string[]
  /** Without a slash at its end. */
  readonly prefix: string
  readonly api: AskedApi
  /** PEM files on this machine. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly user?: string
  readonly password?: string
  /** Default ETCD_TIMEOUT_MS. */
  readonly timeoutMs?: number
}

/** Asks the reader to print a word for each change instead. */
export interface WatchRequest {
  readonly watch: EtcdRequest | KubernetesRequest
}
