/** Everything one endpoint has to say: is it there, is it well, and what both stores hold. */

import { present } from '../../checks/model/present.ts'
import { printable } from '../../reports/layout/printable.ts'
import { readV2 } from './etcd-v2.ts'
import { readV3, type V3Reading } from './etcd-v3.ts'
import { type Access, timeLeft } from './http/access.ts'
import { endpointText } from './http/endpoint-url.ts'
import { type HttpAnswer, httpGet } from './http/http-get.ts'
import { TransportError } from './http/transport-problem.ts'
import type { EndpointReading, StoreReading } from './reading.ts'
import type { AskedApi } from './request.ts'
import { resolvesInTime } from './resolvable.ts'

export interface EndpointAnswer {
  readonly url: URL
  readonly endpoint: EndpointReading
  readonly v2: StoreReading | null
  readonly v3: StoreReading | null
}

interface Wanted {
  readonly prefix: string
  readonly api: AskedApi
}

/** An endpoint that could not be asked. */
export function deadEndpoint(url: string, problem: string, why: EndpointReading['why']): EndpointReading {
  return { url, reachable: false, problem, ...present({ why }) }
}

async function httpOrError(url: URL, access: Access): Promise<HttpAnswer | TransportError> {
  try {
    return await httpGet(url, access)
  } catch (error) {
    if (error instanceof TransportError) return error
    throw error
  }
}

function field(answer: HttpAnswer | TransportError, name: string): string | undefined {
  if (answer instanceof TransportError) return undefined
  try {
    const value: unknown = JSON.parse(answer.body)?.[name]
    return typeof value === 'string' ? value : typeof value === 'boolean' ? String(value) : undefined
  } catch {
    return undefined
  }
}

/** Go's TLS server answers plain HTTP with this text (`net/http/server.go`). */
function wantsTls(answer: HttpAnswer | TransportError): boolean {
  return !(answer instanceof TransportError) && /HTTP request to an HTTPS server/i.test(answer.body)
}

/** False when the socket never stood or nobody answered: gRPC would only wait for the same. */
function isWorthAsking(answer: HttpAnswer | TransportError): boolean {
  return !(answer instanceof TransportError) || answer.stage === 'answer'
}

function isAnswered(store: StoreReading): boolean {
  const why = store.problem?.why
  return why === undefined || why === 'not-permitted' || store.problem?.off === true
}

function describe(
  url: string,
  version: HttpAnswer | TransportError,
  { v3, healthText }: { v3: V3Reading; healthText: string | undefined },
): EndpointReading {
  const { store: _, healthy, ...member } = v3
  const httpVersion = field(version, 'etcdserver')
  return {
    url,
    reachable: true,
    ...present({ version: httpVersion }),
    ...(healthText === undefined ? {} : { healthy: healthText === 'true' }),
    ...member,
    ...(healthy === undefined ? {} : { healthy: healthy && healthText !== 'false' }),
  }
}

/** v2 clients learn the cluster's id from a header of every answer (etcd `etcdhttp`, X-Etcd-Cluster-Id). */
function clusterIdOf(version: HttpAnswer | TransportError): string | undefined {
  const id = version instanceof TransportError ? undefined : version.headers['x-etcd-cluster-id']
  return typeof id === 'string' ? id : undefined
}

/** Absent without TLS, so that recordings of plain endpoints stay as they are. */
function signersOf(version: HttpAnswer | TransportError): { readonly signers?: readonly string[] } {
  const signers = version instanceof TransportError ? [] : version.signers
  return signers.length === 0 ? {} : { signers }
}

/** What else has its address, as far as it says so. */
function noEtcd({ status, headers: { location } }: HttpAnswer): string {
  const leads = location === undefined ? '' : `, to ${printable(location, 80)}`
  return `no etcd: it answers /version with HTTP ${status}${leads}; is it a proxy, or another server at this address?`
}

/** Reads one endpoint within the access's deadline. Never rejects. */
export async function readEndpoint(url: URL, access: Access, wanted: Wanted): Promise<EndpointAnswer> {
  const text = endpointText(url)
  const dead = (problem: string, why: EndpointReading['why']): EndpointAnswer => ({
    url,
    endpoint: deadEndpoint(text, problem, why),
    v2: null,
    v3: null,
  })
  if (!(await resolvesInTime(url.hostname, { timeoutMs: timeLeft(access), signal: access.signal })))
    return dead(`no name server resolved ${url.hostname} in time`, 'timed-out')
  const version = await httpOrError(new URL('/version', url), access)
  if (wantsTls(version)) return dead('it speaks only TLS (use https:// instead of http://)', 'unreachable')
  if (!isWorthAsking(version)) {
    const error = version as TransportError
    return dead(error.message, error.why)
  }
  const scope = (api: 'v2' | 'v3') => ({
    prefix: wanted.prefix,
    configOnly: wanted.api !== 'auto' && wanted.api !== api,
  })
  const [health, v2, v3] = await Promise.all([
    httpOrError(new URL('/health', url), access),
    readV2(url, access, scope('v2')),
    readV3(url, access, { ...scope('v3'), ...present({ version: field(version, 'etcdserver') }) }),
  ])
  const isEtcd = field(version, 'etcdserver') !== undefined
  if (!isEtcd && !isAnswered(v3.store) && !isAnswered(v2)) {
    return version instanceof TransportError
      ? dead(version.message, v3.store.problem?.why)
      : dead(noEtcd(version), 'unparsable')
  }
  const clusterId = clusterIdOf(version)
  const endpoint = describe(text, version, { v3, healthText: field(health, 'health') })
  return {
    url,
    endpoint: { ...present({ clusterId }), ...endpoint, ...signersOf(version) },
    v2,
    v3: v3.store,
  }
}
