/**
 * Tells when something below flannel's prefix changes, in either store: v3 by the JSON gateway or by gRPC, v2 by waiting
 * for the next index. Nothing of what changed is read here: a whole reading follows.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { withEtcdClient } from './etcd-client.ts'
import { gatewayPath } from './etcd-gateway.ts'
import { keysPath } from './etcd-v2.ts'
import { prefixEnd } from './etcd-v3.ts'
import { type Access, readTlsFiles } from './http/access.ts'
import { parseEndpoint } from './http/endpoint-url.ts'
import { httpGet } from './http/http-get.ts'
import { httpLines } from './http/http-lines.ts'
import { TransportError } from './http/transport-problem.ts'
import { watchAgain } from './http/watch-again.ts'
import { ETCD_TIMEOUT_MS, type EtcdRequest } from './request.ts'

/** Between two changes that v2 tells of: it keeps a thousand, and a server that says one after the other ends no watch. */
const BETWEEN_MS = 100

/** etcd answers a cancelled watch at once, or not at all. */
const CANCEL_MS = 1000

interface Watch {
  readonly endpoint: URL
  readonly access: Access
  /** Without a slash at its end. */
  readonly prefix: string
  /** From now on changes are told. */
  readonly stands: () => void
  readonly changed: () => void
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** etcd's `WatchResponse` in the gateway's envelope, one to a line: first `created`, then events. */
async function watchGateway(
  path: string,
  { endpoint, access, prefix, stands, changed }: Watch,
): Promise<void> {
  const key = `${prefix}/`
  const range = { key: Buffer.from(key).toString('base64'), range_end: prefixEnd(key).toString('base64') }
  const body = JSON.stringify({ create_request: range })
  await httpLines({ url: new URL(`${path}/watch`, endpoint), body }, access, {
    answered: () => {},
    line: (text) => {
      const result = objectIn(text)?.result as { created?: unknown; events?: unknown } | undefined
      if (result?.created === true) stands()
      else if (Array.isArray(result?.events)) changed()
    },
  })
}

/** The client makes connections anew for ever, also once it is closed, unless its watcher is cancelled first. */
async function watchRpc({ endpoint, access, prefix, stands, changed }: Watch): Promise<void> {
  const own = {
    ...access,
    deadline: performance.now() + access.timeoutMs,
    signal: new AbortController().signal,
  }
  await withEtcdClient(endpoint, own, async (client) => {
    const watcher = client.watch().prefix(`${prefix}/`).watcher()
    const ended = Promise.withResolvers<void>()
    const late = setTimeout(ended.resolve, access.timeoutMs)
    for (const event of ['disconnected', 'end', 'error'] as const) watcher.on(event as 'end', ended.resolve)
    watcher.on('connected', () => {
      clearTimeout(late)
      stands()
    })
    watcher.on('data', ({ events }) => {
      if (events.length > 0) changed()
    })
    if (access.signal.aborted) ended.resolve()
    access.signal.addEventListener('abort', () => ended.resolve(), { once: true })
    await ended.promise
    clearTimeout(late)
    await Promise.race([watcher.cancel(), sleep(CANCEL_MS, undefined, { ref: false })])
  }).catch(() => {}) // why it cannot be reached is told by reading it
}

/** False where nobody speaks, so that gRPC would only wait for the same; else what version says it is. */
async function versionOf(endpoint: URL, access: Access): Promise<string | undefined | false> {
  try {
    const version = objectIn((await httpGet(new URL('/version', endpoint), access)).body)?.etcdserver
    return typeof version === 'string' ? version : undefined
  } catch (error) {
    return error instanceof TransportError && error.stage === 'answer' ? undefined : false
  }
}

/** By the gateway; where it does not stand by gRPC, and where an account is refused without one. */
async function watchV3(watch: Watch): Promise<void> {
  const { endpoint, access } = watch
  const version = await versionOf(endpoint, access)
  if (version === false) return
  const path = version === undefined || access.user !== undefined ? undefined : gatewayPath(version)
  const { user, password: _, ...plain } = access
  const ways = [
    ...(path === undefined ? [] : [(stands: () => void) => watchGateway(path, { ...watch, stands })]),
    (stands: () => void) => watchRpc({ ...watch, stands }),
    ...(user === undefined ? [] : [(stands: () => void) => watchRpc({ ...watch, access: plain, stands })]),
  ]
  let stood = false
  for (const way of ways) {
    if (stood || access.signal.aborted) return
    await way(() => {
      stood = true
      watch.stands()
    })
  }
}

/** Waits for one index after the other (etcd v2 `api.md`, "Waiting for a change"); ends where etcd does. */
async function watchV2({ endpoint, access, prefix, stands, changed }: Watch): Promise<void> {
  let index: number | undefined
  for (let isUsable = true; isUsable && !access.signal.aborted; ) {
    const from = index === undefined ? '' : `&waitIndex=${index}`
    isUsable = false
    await httpLines(
      { url: new URL(`${keysPath(prefix)}?wait=true&recursive=true${from}`, endpoint) },
      access,
      {
        answered: ({ statusCode, headers }) => {
          isUsable = statusCode === 200 && headers['x-etcd-index'] !== undefined
          if (isUsable && index === undefined) stands()
          index ??= Number(headers['x-etcd-index']) + 1
        },
        line: (text) => {
          const node = objectIn(text)?.node as { modifiedIndex?: unknown } | undefined
          if (typeof node?.modifiedIndex !== 'number') return
          index = node.modifiedIndex + 1
          changed()
        },
      },
    )
    await sleep(BETWEEN_MS, undefined, { signal: access.signal }).catch(() => {})
  }
}

/** Watches one store at one endpoint after the other until the signal ends it. */
function keepWatching(
  watchStore: (watch: Watch) => Promise<void>,
  endpoints: readonly URL[],
  {
    newAccess,
    ...watch
  }: Omit<Watch, 'endpoint' | 'access' | 'stands'> & { readonly newAccess: () => Access },
): Promise<void> {
  const { signal } = newAccess()
  const watchOnce = async (stands: () => void): Promise<void> => {
    let stood = false
    const told = (): void => {
      stood = true
      stands()
    }
    for (const endpoint of endpoints) {
      await watchStore({ ...watch, endpoint, access: newAccess(), stands: told })
      if (stood || signal.aborted) return
    }
  }
  return watchAgain(watchOnce, watch.changed, signal)
}

/** Calls `changed` for every change below the prefix until the signal ends it. Never rejects: what cannot be watched is not. */
export async function watchEtcd(
  request: EtcdRequest,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { prefix, api, user, password = '', timeoutMs = ETCD_TIMEOUT_MS } = request
  const isSecure = request.cert !== undefined || request.ca !== undefined
  const endpoints = request.endpoints
    .map((text) => parseEndpoint(text, isSecure))
    .filter((url): url is URL => url instanceof URL)
  const tls = await readTlsFiles(request).catch(() => undefined)
  if (tls === undefined || endpoints.length === 0) return
  const account = user === undefined ? {} : { user, password }
  const newAccess = (): Access => ({
    tls,
    ...account,
    signal,
    timeoutMs,
    deadline: performance.now() + timeoutMs,
  })
  const stores = [api !== 'v2' && watchV3, api !== 'v3' && watchV2].filter((store) => store !== false)
  await Promise.all(stores.map((store) => keepWatching(store, endpoints, { newAccess, prefix, changed })))
}
