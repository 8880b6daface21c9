/**
 * The v2 keys API, flannel's store up to v0.17.0: plain HTTP and JSON. Reads go through the
 * quorum, as flannel's do (`subnet/etcdv2/registry.go`).
 */
import { printable } from '../../reports/layout/printable.ts'
import type { Access } from './http/access.ts'
import { type HttpAnswer, httpGet } from './http/http-get.ts'
import { TransportError } from './http/transport-problem.ts'
import { type EtcdEntry, type ReadProblem, type StoreReading, unreadStore } from './reading.ts'

/** etcd `etcdserver/api/v2error`: EcodeKeyNotFound, EcodeUnauthorized. */
const KEY_NOT_FOUND = 100
const UNAUTHORIZED = 110

interface V2Node {
  readonly key: string
  readonly value?: string
  readonly dir?: boolean
  readonly ttl?: number
  readonly modifiedIndex: number
  readonly nodes?: readonly V2Node[]
}

/** `/v2/keys` with the prefix, each step of it escaped. */
export function keysPath(key: string): string {
  return `/v2/keys/${key.split('/').filter(Boolean).map(encodeURIComponent).join('/')}`
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isNode(value: unknown): value is V2Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    typeof value.key === 'string' &&
    'modifiedIndex' in value &&
    typeof value.modifiedIndex === 'number'
  )
}

function toEntry(node: V2Node, key: string): EtcdEntry {
  return {
    key,
    value: typeof node.value === 'string' ? node.value : '',
    revision: node.modifiedIndex,
    ...(typeof node.ttl === 'number' ? { ttlSeconds: node.ttl } : {}),
    ...(node.dir === true ? { directory: true } : {}),
  }
}

/** What flannel reads as values: the leaves of the tree, and PREFIX/config whatever it is; keys as under the prefix that was asked for (v2 adds a leading slash). */
function valuesIn(root: V2Node, prefix: string): readonly EtcdEntry[] {
  const cut = `/${prefix.split('/').filter(Boolean).join('/')}`.length
  const entries: EtcdEntry[] = []
  const pending: V2Node[] = [root]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const key = `${prefix}${node.key.slice(cut)}`
    if (node.dir && key !== `${prefix}/config`) pending.push(...(node.nodes ?? []).filter(isNode))
    else entries.push(toEntry(node, key))
  }
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1))
}

function refusal(answer: HttpAnswer, body: Record<string, unknown> | undefined): ReadProblem {
  const code = body?.errorCode
  const words = printable(String(body?.message ?? answer.body), 120)
  if (answer.status === 401 || answer.status === 403 || code === UNAUTHORIZED) {
    return {
      why: 'not-permitted',
      detail: `the etcd v2 API refused the read: ${words} (give --etcd-user name:password)`,
    }
  }
  if (answer.status === 404 && body === undefined) {
    const detail =
      'the etcd v2 API is switched off (etcd 3.4 and later need --enable-v2=true, 3.6 has none); flanneld up to v0.17.0 needs it'
    return { why: 'missing', detail, off: true }
  }
  return { why: 'unparsable', detail: `the etcd v2 API answered HTTP ${answer.status}: ${words}` }
}

function revisionOf(answer: HttpAnswer): number {
  return Number(answer.headers['x-etcd-index']) || 0
}

/** A v2 answer to what it holds; `prefix` is the one asked for. */
function parseKeysAnswer(answer: HttpAnswer, prefix: string): StoreReading {
  const body = parseObject(answer.body)
  if (body?.errorCode === KEY_NOT_FOUND) return { present: false, revision: revisionOf(answer), entries: [] }
  if (answer.status !== 200 || !isNode(body?.node)) return unreadStore(refusal(answer, body))
  const below = (key: string): boolean => key === `${prefix}/config` || key.startsWith(`${prefix}/subnets`)
  const entries = valuesIn(body.node, prefix).filter(({ key }) => below(key))
  return {
    present: entries.some(({ key }) => key === `${prefix}/config`),
    revision: revisionOf(answer),
    entries,
  }
}

/** Reads the prefix, or with `configOnly` just PREFIX/config. Never rejects. */
export async function readV2(
  endpoint: URL,
  access: Access,
  { prefix, configOnly }: { readonly prefix: string; readonly configOnly: boolean },
): Promise<StoreReading> {
  const path = keysPath(configOnly ? `${prefix}/config` : prefix)
  try {
    const answer = await httpGet(new URL(`${path}?recursive=true&quorum=true`, endpoint), access)
    return parseKeysAnswer(answer, prefix)
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    return unreadStore({ why: error.why, detail: `reading the etcd v2 API: ${error.message}` })
  }
}
