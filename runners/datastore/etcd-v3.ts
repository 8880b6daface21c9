/**
 * The v3 API, flannel's store since v0.18.0. Two range reads below the prefix, as flannel
 * reads them (`pkg/subnet/etcd/registry.go`), the member's status, and the time left of each
 * etcd lease. Nothing is watched or written.
 */
import type { Etcd3, IKeyValue, IRangeResponse, IStatusResponse } from 'etcd3'
import { rpcProblem, withEtcdClient } from './etcd-client.ts'
import type { Access } from './http/access.ts'
import { type EtcdEntry, type StoreReading, unreadStore } from './reading.ts'

/** What one member says about itself and the store. */
export interface V3Reading {
  readonly store: StoreReading
  readonly healthy?: boolean
  readonly version?: string
  readonly clusterId?: string
  readonly memberId?: string
}

/** Lease questions on their way at once. */
const PARALLEL_LEASES = 32

/** What etcd says to an account while it keeps none (`rpctypes.ErrGRPCAuthNotEnabled`); flannel's client goes on without. */
const NO_ACCOUNTS = 'authentication is not enabled'

/** 64-bit ids come as decimal text; etcdctl prints 16 hexadecimal digits. */
export function hexId(decimal: string): string {
  return BigInt(decimal).toString(16).padStart(16, '0')
}

/** First key after all that start with `prefix` (etcd's range end for a prefix). */
export function prefixEnd(prefix: string): Buffer {
  const end = Buffer.from(prefix)
  for (let index = end.length - 1; index >= 0; index--) {
    const byte = end[index] ?? 0xff
    if (byte < 0xff) {
      end[index] = byte + 1
      return end.subarray(0, index + 1)
    }
  }
  return Buffer.from([0])
}

function toEntry(pair: IKeyValue): EtcdEntry {
  return {
    key: pair.key.toString('utf8'),
    value: pair.value.toString('utf8'),
    revision: Number(pair.mod_revision),
    ...(pair.lease === '0' ? {} : { leaseId: hexId(pair.lease) }),
  }
}

interface Wanted {
  readonly prefix: string
  readonly configOnly: boolean
}

/** The two ranges; `serializable` reads answer from this member alone, also without a quorum. */
async function readRanges(client: Etcd3, wanted: Wanted, serializable: boolean): Promise<IRangeResponse[]> {
  const key = Buffer.from(`${wanted.prefix}/config`)
  // flannel lists without a slash at the end, so that a sibling such as subnets-old counts for it too.
  const subnets = `${wanted.prefix}/subnets`
  const config = client.kv.range({ key, serializable })
  if (wanted.configOnly) return [await config]
  const range = { key: Buffer.from(subnets), range_end: prefixEnd(subnets), serializable }
  return Promise.all([config, client.kv.range(range)])
}

function health(status: IStatusResponse): Omit<V3Reading, 'store'> {
  return {
    healthy: status.leader !== '0' && status.errors.length === 0,
    version: status.version,
    clusterId: hexId(status.header.cluster_id),
    memberId: hexId(status.header.member_id),
  }
}

function toStore(answers: readonly IRangeResponse[]): StoreReading {
  return {
    present: (answers[0]?.kvs.length ?? 0) > 0,
    revision: Math.max(...answers.map(({ header }) => Number(header.revision))),
    entries: answers.flatMap(({ kvs }) => kvs.map(toEntry)),
  }
}

/** Reads status and ranges of one endpoint; a refused status does not stop the ranges. Never rejects. */
export async function readV3(endpoint: URL, access: Access, wanted: Wanted): Promise<V3Reading> {
  const reading = await readMember(endpoint, access, wanted)
  const needless = access.user !== undefined && reading.store.problem?.detail.includes(NO_ACCOUNTS) === true
  const { user: _, password: __, ...plain } = access
  return needless ? readMember(endpoint, plain, wanted) : reading
}

async function readMember(endpoint: URL, access: Access, wanted: Wanted): Promise<V3Reading> {
  let member: Omit<V3Reading, 'store'> = {}
  try {
    const store = await withEtcdClient(endpoint, access, async (client) => {
      const status = await client.maintenance.status().catch((error: unknown) => error)
      if (!(status instanceof Error)) member = health(status as IStatusResponse)
      else if (rpcProblem(status, access.timeoutMs).why !== 'not-permitted') throw status
      const leaderless = !(status instanceof Error) && (status as IStatusResponse).leader === '0'
      return toStore(await readRanges(client, wanted, leaderless))
    })
    return { ...member, store }
  } catch (error) {
    return { ...member, store: unreadStore(rpcProblem(error, access.timeoutMs)) }
  }
}

/** Asks one lease; undefined when it may not be asked or is gone. */
async function secondsLeft(client: Etcd3, id: string): Promise<number | undefined> {
  try {
    const answer = await client.leaseClient.leaseTimeToLive({ ID: BigInt(`0x${id}`).toString() })
    const left = Number(answer.TTL)
    return left >= 0 ? left : undefined
  } catch {
    return undefined
  }
}

async function readTimesLeft(client: Etcd3, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>()
  const queue = ids.values()
  const worker = async (): Promise<void> => {
    for (const id of queue) {
      const left = await secondsLeft(client, id)
      if (left !== undefined) times.set(id, left)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_LEASES }, worker))
  return times
}

/** The entries with the time their etcd leases have left, where it could be had. Never rejects. */
export async function withTimesLeft(
  endpoint: URL,
  access: Access,
  store: StoreReading,
): Promise<StoreReading> {
  const ids = [...new Set(store.entries.flatMap(({ leaseId }) => leaseId ?? []))]
  if (ids.length === 0) return store
  const times = await withEtcdClient(endpoint, access, (client) => readTimesLeft(client, ids)).catch(
    () => new Map<string, number>(),
  )
  const entries = store.entries.map((entry) => {
    const ttlSeconds = times.get(entry.leaseId ?? '')
    return ttlSeconds === undefined ? entry : { ...entry, ttlSeconds }
  })
  return { ...store, entries }
}
