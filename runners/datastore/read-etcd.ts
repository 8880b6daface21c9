/** Reads flannel's part of etcd: every endpoint at once, the first one listed that answered counts. */

import { present } from '../../checks/model/present.ts'
import { maskedJson } from '../collect/section/mask-json.ts'
import { type Member, withTimesLeft } from './etcd-lease-times.ts'
import { type Access, PemFileError, readTlsFiles, type Through } from './http/access.ts'
import { parseEndpoint, withoutAccount } from './http/endpoint-url.ts'
import { deadEndpoint, type EndpointAnswer, readEndpoint } from './read-endpoint.ts'
import { type EtcdReading, type StoreReading, trimPrefix } from './reading.ts'
import { ETCD_TIMEOUT_MS, type EtcdRequest, SECOND_TRY } from './request.ts'

/** How long the other endpoints may still take once one has answered everything. */
const GRACE_MS = 1000

function isGood(answer: EndpointAnswer): boolean {
  return [answer.v2, answer.v3].some((store) => store !== null && store.problem === undefined)
}

/** Ends slow endpoints some time after the first good answer, so that a silent one does not hold up the rest. */
function graceAfter(answers: readonly Promise<EndpointAnswer>[], stop: AbortController): () => void {
  let timer: NodeJS.Timeout | undefined
  for (const answer of answers) {
    void answer.then((done) => {
      if (isGood(done)) timer ??= setTimeout(() => stop.abort(), GRACE_MS)
    })
  }
  return () => clearTimeout(timer)
}

/** Silent where an answer was to come: on a loaded machine, or from a loaded etcd, it comes later. */
function wasSlow({ endpoint, v2, v3 }: EndpointAnswer): boolean {
  return [endpoint.why, v2?.problem?.why, v3?.problem?.why].includes('timed-out')
}

function isWorthAnother(answers: readonly EndpointAnswer[], signal: AbortSignal): boolean {
  return !answers.some(isGood) && answers.some(wasSlow) && !signal.aborted
}

function unusable(text: string, problem: string): EndpointAnswer {
  const url = new URL('http://invalid./')
  return { url, endpoint: deadEndpoint(withoutAccount(text), problem, 'unreachable'), v2: null, v3: null }
}

async function askAll(request: EtcdRequest, access: Omit<Access, 'signal'>, signal: AbortSignal) {
  const stop = new AbortController()
  const bounded: Access = { ...access, signal: AbortSignal.any([signal, stop.signal]) }
  const secure = request.cert !== undefined || request.ca !== undefined
  const answers = request.endpoints.map(async (text) => {
    const url = parseEndpoint(text, secure)
    return 'problem' in url ? unusable(text, url.problem) : readEndpoint(url, bounded, request)
  })
  const release = graceAfter(answers, stop)
  try {
    return await Promise.all(answers)
  } finally {
    release()
  }
}

type Picked = { readonly store: StoreReading; readonly member: Member }

/** A backend's key (wireguard, ipsec, those of clouds) stays in etcd. */
function withoutKeys(store: StoreReading): StoreReading {
  return { ...store, entries: store.entries.map((entry) => ({ ...entry, value: maskedJson(entry.value) })) }
}

/** The store of the first listed endpoint that read it, else the first problem with it. */
function pick(answers: readonly EndpointAnswer[], api: 'v2' | 'v3'): Picked | undefined {
  const stores = answers.flatMap((answer) => {
    const store = answer[api]
    if (store === null) return []
    const {
      url: endpoint,
      endpoint: { version },
    } = answer
    return [{ store: withoutKeys(store), member: { endpoint, ...present({ version }) } }]
  })
  return stores.find(({ store }) => store.problem === undefined) ?? stores[0]
}

/**
 * Reads PREFIX/config and the leases of both APIs (of the other API than the asked one only whether the
 * configuration is there). Never rejects: what could not be read is in the reading.
 */
export async function readEtcd(
  request: EtcdRequest,
  signal: AbortSignal,
  through?: Through,
): Promise<EtcdReading> {
  const { timeoutMs = ETCD_TIMEOUT_MS, api: askedApi } = request
  const prefix = trimPrefix(request.prefix)
  const at = Date.now()
  const tls = await readTlsFiles(request).catch((error: unknown) => {
    if (error instanceof PemFileError) return error
    throw error
  })
  if (tls instanceof PemFileError) {
    const endpoints = request.endpoints.map((url) => deadEndpoint(url, tls.message, 'not-permitted'))
    return { prefix, askedApi, endpoints, v2: null, v3: null, at }
  }
  const account = {
    ...(request.user === undefined ? {} : { user: request.user, password: request.password ?? '' }),
  }
  const access = (most = timeoutMs) => ({
    tls,
    ...account,
    ...present({ through }),
    timeoutMs: most,
    deadline: performance.now() + most,
  })
  const ask = (most?: number) => askAll({ ...request, prefix }, access(most), signal)
  const first = await ask()
  const answers = isWorthAnother(first, signal) ? await ask(timeoutMs * SECOND_TRY) : first
  const v3 = pick(answers, 'v3')
  return {
    prefix,
    askedApi,
    endpoints: answers.map(({ endpoint }) => endpoint),
    v2: pick(answers, 'v2')?.store ?? null,
    v3: v3 === undefined ? null : await withTimesLeft(v3.member, { ...access(), signal }, v3.store),
    at,
  }
}
