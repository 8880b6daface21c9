/** GETs of the Kubernetes API: one object, or a list page by page. Nothing is ever written. */
import { present } from '../../../checks/model/present.ts'
import type { Absence } from '../../../checks/model/snapshot.ts'
import { printable } from '../../../reports/layout/printable.ts'
import type { Access, TlsHints } from '../http/access.ts'
import { httpGet } from '../http/http-get.ts'
import { TransportError } from '../http/transport-problem.ts'
import type { ApiAccess } from './api-access.ts'
import { KubeAccessError } from './request.ts'

/** What the server may be asked for once; the API's own clients take 500 as well. */
const PAGE = 500
/** 20,000 nodes or pods. */
const MOST_PAGES = 40

const HINTS: TlsHints = {
  ca: 'certificate-authority of the kubeconfig',
  cert: 'client-certificate and client-key of the kubeconfig',
}

/** How one answer is waited for. */
export interface ApiLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

type Body = Readonly<Record<string, unknown>>

/** A request that the server answered with something else than what was asked for. */
export class ApiError extends Error {
  readonly why: Absence
  readonly status: number
  constructor(why: Absence, status: number, message: string) {
    super(message)
    this.why = why
    this.status = status
  }
}

/** Absences and words of the statuses that are common; what the server says stands in front of them. */
const BY_STATUS: Readonly<Record<number, readonly [Absence, string]>> = {
  401: [
    'not-permitted',
    'the API server does not accept who asks (401): the token or certificate is wrong or has expired',
  ],
  403: ['not-permitted', 'the API server forbids it (403)'],
  404: ['missing', 'not found (404)'],
}

function refused(access: ApiAccess, status: number, body: Body): ApiError {
  const said = typeof body.message === 'string' ? printable(body.message, 240) : ''
  const [why, words] = BY_STATUS[status] ?? []
  if (why !== undefined && words !== undefined) {
    const told = status === 401 ? `${words}${expiredText(access)}` : said || words
    return new ApiError(why, status, `${told}${nobodyHint(access, status)}`)
  }
  if (status >= 300 && status < 400) {
    return new ApiError('unreachable', status, `it sends elsewhere (${status}), which is not followed`)
  }
  return new ApiError(
    'unreachable',
    status,
    `it answered ${status}${said && `: ${said}`}${plainHint(access, status)}`,
  )
}

/** A server that knows nobody forbids what `system:anonymous` asks for, or all. */
function nobodyHint({ tls, headers }: ApiAccess, status: number): string {
  const isNobody = headers.authorization === undefined && tls.cert === undefined
  return isNobody && (status === 401 || status === 403)
    ? ': the kubeconfig gives neither token nor certificate'
    : ''
}

/** So answers a server of TLS to one who speaks plain HTTP (Go's `net/http`). */
function plainHint({ server }: ApiAccess, status: number): string {
  return status === 400 && server.protocol === 'http:' ? ' (it may speak only TLS: https://?)' : ''
}

function expiredText({ expires }: ApiAccess): string {
  const isOver = expires !== undefined && Date.parse(expires) < Date.now()
  return isOver ? `; the client certificate ended ${expires}` : ''
}

function bodyOf(text: string): Body | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as Body) : undefined
  } catch {
    return undefined
  }
}

/** Where a path of the API is, and how it is asked for. */
export function apiQuestion({ server, tls, headers }: ApiAccess, path: string, limits: ApiLimits) {
  const url = new URL(`${server.pathname.replace(/\/+$/, '')}${path}`, server)
  const asked: Access = {
    ...limits,
    ...{ tls, headers, hints: HINTS, deadline: performance.now() + limits.timeoutMs },
  }
  return { url, asked }
}

/** The object at a path of the API. Throws ApiError, KubeAccessError. */
export async function apiGet(access: ApiAccess, path: string, limits: ApiLimits): Promise<Body> {
  const { url, asked } = apiQuestion(access, path, limits)
  try {
    const { status, body: text } = await httpGet(url, asked)
    const body = bodyOf(text)
    if (status !== 200) throw refused(access, status, body ?? {})
    if (body === undefined) {
      throw new ApiError('unparsable', status, 'it does not answer in JSON as a Kubernetes API does')
    }
    return body
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    const why = error.why as KubeAccessError['why']
    throw new KubeAccessError(why, `${error.message}${expiredText(access)}`)
  }
}

function continueOf(body: Body): string | undefined {
  const { metadata } = body
  const token =
    typeof metadata === 'object' && metadata !== null && 'continue' in metadata
      ? metadata.continue
      : undefined
  return typeof token === 'string' && token !== '' ? token : undefined
}

/** Every item of a list. A list that changed too much between two pages (410) is begun again once. Throws as `apiGet`. */
export async function apiList(
  access: ApiAccess,
  { path, keep }: { readonly path: string; readonly keep: (item: unknown) => unknown },
  limits: ApiLimits,
): Promise<readonly unknown[]> {
  const items: unknown[] = []
  let [token, isAgain]: [string | undefined, boolean] = [undefined, false]
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams(present({ limit: String(PAGE), continue: token }))
    try {
      const body = await apiGet(access, `${path}?${query}`, limits)
      if (!Array.isArray(body.items)) {
        throw new ApiError('unparsable', 200, 'it answered with something else than a list')
      }
      items.push(...body.items.map(keep))
      token = continueOf(body)
      if (token === undefined) return items
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 410 || isAgain) throw error
      ;[token, isAgain] = [undefined, true]
      items.length = 0
    }
  }
  throw new ApiError('unparsable', 200, `there are more than ${MOST_PAGES * PAGE}, which are not read`)
}
