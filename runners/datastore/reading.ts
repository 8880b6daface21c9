/**
 * What was read from etcd, raw: keys and values as text, per API. It is the content of
 * `datastore.json` in a saved state, so it only ever gains optional fields.
 */
import type { EtcdEndpoint } from '../../checks/model/etcd-member.ts'
import type { Absence } from '../../checks/model/snapshot.ts'
import type { KubernetesReading } from './kubernetes/reading.ts'
import type { AskedApi } from './request.ts'

/** Why something was not read, in one line for a person. */
export interface ReadProblem {
  readonly why: Absence
  readonly detail: string
  /** The endpoint serves etcd, but not this API (etcd 3.4 and later without --enable-v2). */
  readonly off?: true
}

/** One key with its value. */
export interface EtcdEntry {
  readonly key: string
  readonly value: string
  /** Of the last write: v2 modifiedIndex, v3 mod_revision. */
  readonly revision: number
  /** Seconds left; absent for a key without expiry, or in v3 when the lease could not be asked. */
  readonly ttlSeconds?: number
  /** v3: the etcd lease the key hangs on, hexadecimal as etcdctl prints it. */
  readonly leaseId?: string
  /** v2: a directory stands in the place of the key; flannel reads it as an empty value (`subnet/etcdv2/registry.go`). */
  readonly directory?: true
}

/** What one API holds under the prefix. */
export interface StoreReading {
  /** True when PREFIX/config exists. */
  readonly present: boolean
  readonly revision: number
  /** PREFIX/config and everything below PREFIX/subnets; only the config where just its presence was asked. */
  readonly entries: readonly EtcdEntry[]
  readonly problem?: ReadProblem
}

/** One endpoint's answer; `why` goes with `problem`. */
export interface EndpointReading extends EtcdEndpoint {
  readonly why?: Absence
}

export interface EtcdReading {
  /** Host URL of the host whose network it was read from. */
  readonly via?: string
  readonly prefix: string
  readonly askedApi: AskedApi
  readonly endpoints: readonly EndpointReading[]
  /** Null when no endpoint could be asked. */
  readonly v2: StoreReading | null
  readonly v3: StoreReading | null
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What a run has read of its datastore, whichever flannel keeps its leases in. */
export type DatastoreReading = EtcdReading | KubernetesReading

/** A store that could not be read. */
export function unreadStore(problem: ReadProblem): StoreReading {
  return { present: false, revision: 0, entries: [], problem }
}

/** The prefix without slashes at its end (flannel joins it with `path.Join`). */
export function trimPrefix(prefix: string): string {
  return prefix.replace(/\/+$/, '')
}

/** A reading of endpoints that gave nothing in time. */
export function unreadEtcd(
  asked: Pick<EtcdReading, 'prefix'> & { readonly api: AskedApi; readonly endpoints: readonly string[] },
  problem: string,
): EtcdReading {
  const endpoints = asked.endpoints.map(
    (url) => ({ url, reachable: false, why: 'timed-out', problem }) as const,
  )
  return { prefix: asked.prefix, askedApi: asked.api, endpoints, v2: null, v3: null, at: Date.now() }
}
