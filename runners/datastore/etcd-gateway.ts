/**
 * The v3 API over etcd's JSON gateway: the same questions as etcd-v3.ts by plain HTTP, because the code of a gRPC client
 * takes longer to load than the rest of a check. Only a plain answer counts, and that an account is missing. Where there is
 * no gateway, where an account or certificate is named or anything else is refused, the answer is undefined: gRPC is asked then, and says why.
 */
import { isDenied } from './etcd-client.ts'
import type { Access } from './http/access.ts'
import { httpPost } from './http/http-get.ts'
import { TransportError } from './http/transport-problem.ts'

/** Answers of the gateway: 64-bit numbers are texts, bytes are base64, and what is zero is left out. */
type Answer = Readonly<Record<string, unknown>>

export interface GatewayStatus {
  readonly header: { readonly cluster_id: string; readonly member_id: string }
  readonly version: string
  readonly leader: string
  readonly errors: readonly unknown[]
}

export interface GatewayPair {
  readonly key: Buffer
  readonly value: Buffer
  readonly mod_revision: string
  readonly lease: string
}

export interface GatewayRange {
  readonly header: { readonly revision: string }
  readonly kvs: readonly GatewayPair[]
}

/** A member's gateway. */
export interface Gateway {
  readonly status: () => Promise<GatewayStatus | undefined>
  readonly range: (question: {
    readonly key: Buffer
    readonly range_end?: Buffer
    readonly serializable: boolean
  }) => Promise<GatewayRange | undefined>
  /** Seconds that a lease has left; negative for one that is gone. */
  readonly timeToLive: (id: string) => Promise<number | undefined>
}

/** Where the gateway is, by etcd's version (etcd `Documentation/dev-guide/api_grpc_gateway.md`). */
export function gatewayPath(version: string): string | undefined {
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)\./.exec(version) ?? []
  if (Number(major) !== 3) return undefined
  if (Number(minor) >= 4) return '/v3'
  return Number(minor) === 3 ? '/v3beta' : '/v3alpha'
}

/** etcd wants an account for what is read, and we name none: gRPC would say the same. */
export class GatewayDenial extends Error {}

/** The gateway passes no certificate on, whose name may be that of an account. */
function throwDenial(body: string, { tls }: Access): undefined {
  const said: unknown = JSON.parse(body)
  const { message } = isAnswer(said) ? said : {}
  if (tls.cert === undefined && typeof message === 'string' && isDenied(message))
    throw new GatewayDenial(message)
  return undefined
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NUMBER = /^-?\d{1,20}$/

/** A 64-bit number; zero is left out of an answer. */
function numberOf(answer: Answer, name: string): string | undefined {
  const value = answer[name] ?? '0'
  return typeof value === 'string' && NUMBER.test(value) ? value : undefined
}

function bytesOf(answer: Answer, name: string): Buffer | undefined {
  const value = answer[name] ?? ''
  return typeof value === 'string' ? Buffer.from(value, 'base64') : undefined
}

function statusOf(answer: Answer): GatewayStatus | undefined {
  const { header, version, errors = [] } = answer
  const leader = numberOf(answer, 'leader')
  if (!isAnswer(header) || typeof version !== 'string' || leader === undefined || !Array.isArray(errors))
    return undefined
  const [cluster_id, member_id] = [numberOf(header, 'cluster_id'), numberOf(header, 'member_id')]
  if (cluster_id === undefined || member_id === undefined) return undefined
  return { header: { cluster_id, member_id }, version, leader, errors }
}

function pairOf(answer: unknown): GatewayPair | undefined {
  if (!isAnswer(answer)) return undefined
  const [key, value] = [bytesOf(answer, 'key'), bytesOf(answer, 'value')]
  const [mod_revision, lease] = [numberOf(answer, 'mod_revision'), numberOf(answer, 'lease')]
  if (key === undefined || value === undefined || mod_revision === undefined || lease === undefined)
    return undefined
  return { key, value, mod_revision, lease }
}

function rangeOf({ header, kvs = [] }: Answer): GatewayRange | undefined {
  const revision = isAnswer(header) ? numberOf(header, 'revision') : undefined
  if (revision === undefined || !Array.isArray(kvs)) return undefined
  const pairs = kvs.map(pairOf)
  return pairs.every((pair) => pair !== undefined) ? { header: { revision }, kvs: pairs } : undefined
}

/** The gateway of a member of this version; undefined where there is none, or where an account has to be named. */
export function gatewayOf(endpoint: URL, access: Access, version: string | undefined): Gateway | undefined {
  const path = version === undefined || access.user !== undefined ? undefined : gatewayPath(version)
  if (path === undefined) return undefined
  const ask = async (
    question: string,
    body: object,
    refused: (body: string, access: Access) => undefined = () => undefined,
  ): Promise<Answer | undefined> => {
    try {
      const answer = await httpPost(new URL(`${path}/${question}`, endpoint), access, JSON.stringify(body))
      const value: unknown = answer.status === 200 ? JSON.parse(answer.body) : refused(answer.body, access)
      return isAnswer(value) ? value : undefined
    } catch (error) {
      if (error instanceof TransportError || error instanceof SyntaxError) return undefined
      throw error
    }
  }
  return {
    status: async () => {
      const answer = await ask('maintenance/status', {})
      return answer && statusOf(answer)
    },
    range: async ({ key, range_end, serializable }) => {
      const end = range_end === undefined ? {} : { range_end: range_end.toString('base64') }
      const question = { key: key.toString('base64'), ...end, serializable }
      const answer = await ask('kv/range', question, throwDenial)
      return answer && rangeOf(answer)
    },
    timeToLive: async (id) => {
      const answer = await ask('kv/lease/timetolive', { ID: BigInt(`0x${id}`).toString() })
      const left = answer && isAnswer(answer.header) ? numberOf(answer, 'TTL') : undefined
      return left === undefined ? undefined : Number(left)
    },
  }
}
