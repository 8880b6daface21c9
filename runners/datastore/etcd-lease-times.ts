/** The time left of each etcd lease that a key of flannel hangs on. */
import type { Etcd3 } from 'etcd3'
import { withEtcdClient } from './etcd-client.ts'
import { type Gateway, gatewayOf } from './etcd-gateway.ts'
import type { Access } from './http/access.ts'
import type { StoreReading } from './reading.ts'

/** Lease questions on their way at once. */
const PARALLEL_LEASES = 32

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

/** Leases that are asked by the gateway: of this network by a connection for each, else on the one that there is. More are left to gRPC. */
const MOST_BY_GATEWAY = { here: 64, through: 500 }

/** By the gateway; undefined where it does not answer for each of them. */
async function timesByGateway(
  gateway: Gateway,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number> | undefined> {
  const [first = '', ...others] = ids
  const left = await gateway.timeToLive(first)
  if (left === undefined) return undefined
  const more = await Promise.all(others.map(async (id) => [id, await gateway.timeToLive(id)] as const))
  const times = new Map<string, number>()
  for (const [id, seconds] of [[first, left] as const, ...more]) {
    if (seconds === undefined) return undefined
    if (seconds >= 0) times.set(id, seconds)
  }
  return times
}

async function timesLeft(
  { endpoint, version }: Member,
  access: Access,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const most = MOST_BY_GATEWAY[access.through === undefined ? 'here' : 'through']
  const gateway = ids.length > most ? undefined : gatewayOf(endpoint, access, version)
  const plainly = gateway && (await timesByGateway(gateway, ids))
  if (plainly !== undefined) return plainly
  return withEtcdClient(endpoint, access, (client) => readTimesLeft(client, ids)).catch(() => new Map())
}

/** A member of etcd, and which version it said it is. */
export interface Member {
  readonly endpoint: URL
  readonly version?: string
}

/** The entries with the time their etcd leases have left, where it could be had. Never rejects. */
export async function withTimesLeft(
  member: Member,
  access: Access,
  store: StoreReading,
): Promise<StoreReading> {
  const ids = [...new Set(store.entries.flatMap(({ leaseId }) => leaseId ?? []))]
  if (ids.length === 0) return store
  const times = await timesLeft(member, access, ids)
  const entries = store.entries.map((entry) => {
    const ttlSeconds = times.get(entry.leaseId ?? '')
    return ttlSeconds === undefined ? entry : { ...entry, ttlSeconds }
  })
  return { ...store, entries }
}
