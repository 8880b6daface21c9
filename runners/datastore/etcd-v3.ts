/**
 * The v3 API, flannel's store since v0.18.0. Two range reads below the prefix, as flannel
 * reads them (`pkg/subnet/etcd/registry.go`), the member's status, and the time left of each
 * etcd lease: by the JSON gateway where it answers, else by gRPC. Nothing is watched or written.
 */
import type { IRangeResponse, IStatusResponse } from 'etcd3'
import { present } from '../../checks/model/present.ts'
import { printable } from '../../reports/layout/printable.ts'
import { rpcProblem, withEtcdClient } from './etcd-client.ts'
import {
  type Gateway,
  GatewayDenial,
  type GatewayPair,
  type GatewayRange,
  type GatewayStatus,
  gatewayOf,
} from './etcd-gateway.ts'
import type { Access } from './http/access.ts'
import { type EtcdEntry, type StoreReading, unreadStore } from './reading.ts'

/** What one member says about itself and the store. */
export interface V3Reading {
  readonly store: StoreReading
  readonly healthy?: boolean
  /** Its errors and alarms, and that it has no leader. */
  readonly trouble?: string
  readonly version?: string
  readonly clusterId?: string
  readonly memberId?: string
}

/** What etcd says to an account while it keeps none (`rpctypes.ErrGRPCAuthNotEnabled`); flannel's client goes on without. */
const NO_ACCOUNTS = 'authentication is not enabled'

/** 64-bit ids come as decimal text; etcdctl prints 16 hexadecimal digits. */
function hexId(decimal: string): string {
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

function toEntry(pair: GatewayPair): EtcdEntry {
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
  /** What the member said it is; the place of its gateway depends on it. */
  readonly version?: string
}

/** Asks for ranges; both APIs are given the same questions. */
type AskRange<R> = (question: {
  readonly key: Buffer
  readonly range_end?: Buffer
  readonly serializable: boolean
}) => Promise<R>

/** The two ranges; `serializable` reads answer from this member alone, also without a quorum. */
async function readRanges<R>(range: AskRange<R>, wanted: Wanted, serializable: boolean): Promise<R[]> {
  const key = Buffer.from(`${wanted.prefix}/config`)
  // flannel lists without a slash at the end, so that a sibling such as subnets-old counts for it too.
  const subnets = `${wanted.prefix}/subnets`
  const config = range({ key, serializable })
  if (wanted.configOnly) return [await config]
  return Promise.all([
    config,
    range({ key: Buffer.from(subnets), range_end: prefixEnd(subnets), serializable }),
  ])
}

/** Of errors a member has one for each alarm. */
const MOST_ERRORS = 5

/** etcd names the lack of a leader among the errors as well (`v3rpc/maintenance.go`, `Status`), since v3.4. */
function troubleOf({ leader, errors }: GatewayStatus | IStatusResponse): string | undefined {
  const said = errors.slice(0, MOST_ERRORS).map((error) => printable(String(error).trim(), 80))
  const isUnsaid = leader === '0' && !said.some((error) => error.includes('no leader'))
  const all = isUnsaid ? ['no leader', ...said] : said
  return all.length === 0 ? undefined : all.join(', ')
}

function health(status: GatewayStatus | IStatusResponse): Omit<V3Reading, 'store'> {
  const trouble = troubleOf(status)
  return {
    healthy: trouble === undefined,
    ...present({ trouble }),
    version: status.version,
    clusterId: hexId(status.header.cluster_id),
    memberId: hexId(status.header.member_id),
  }
}

function toStore(answers: readonly (GatewayRange | IRangeResponse)[]): StoreReading {
  return {
    present: (answers[0]?.kvs.length ?? 0) > 0,
    revision: Math.max(...answers.map(({ header }) => Number(header.revision))),
    entries: answers.flatMap(({ kvs }) => kvs.map(toEntry)),
  }
}

/** Status and ranges by the gateway; undefined where it does not answer all of it. */
async function readGateway(
  { status, range }: Gateway,
  wanted: Wanted,
  timeoutMs: number,
): Promise<V3Reading | undefined> {
  const member = await status()
  if (member === undefined) return undefined
  try {
    const answers = await readRanges(range, wanted, member.leader === '0')
    const known = answers.filter((answer) => answer !== undefined)
    return known.length < answers.length ? undefined : { ...health(member), store: toStore(known) }
  } catch (error) {
    if (!(error instanceof GatewayDenial)) throw error
    return { ...health(member), store: unreadStore(rpcProblem(error, timeoutMs)) }
  }
}

/** Reads status and ranges of one endpoint; a refused status does not stop the ranges. Never rejects. */
export async function readV3(endpoint: URL, access: Access, wanted: Wanted): Promise<V3Reading> {
  const gateway = gatewayOf(endpoint, access, wanted.version)
  const plainly = gateway && (await readGateway(gateway, wanted, access.timeoutMs))
  if (plainly !== undefined) return plainly
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
      return toStore(await readRanges((question) => client.kv.range(question), wanted, leaderless))
    })
    return { ...member, store }
  } catch (error) {
    return { ...member, store: unreadStore(rpcProblem(error, access.timeoutMs)) }
  }
}
