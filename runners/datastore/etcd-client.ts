/**
 * The etcd3 client with its traps closed: every call has our deadline (its dialTimeout does
 * nothing), no policy retries a call or hides its cause, and each client has one endpoint.
 */
import { rootCertificates } from 'node:tls'
import type { Etcd3, IOptions } from 'etcd3'
import { printable } from '../../reports/layout/printable.ts'
import { type Access, type TlsFiles, timeLeft } from './http/access.ts'
import { endpointText } from './http/endpoint-url.ts'
import { seconds } from './http/transport-problem.ts'
import type { ReadProblem } from './reading.ts'

/** 32 MiB; gRPC's own limit of 4 MiB is less than 10,000 leases may need. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024

function credentials({ ca, cert, key }: TlsFiles): NonNullable<IOptions['credentials']> {
  const rootCertificate = ca ?? Buffer.from(rootCertificates.join('\n'))
  return cert !== undefined && key !== undefined
    ? { rootCertificate, privateKey: key, certChain: cert }
    : { rootCertificate }
}

function account({ user, password }: Access): Pick<IOptions, 'auth'> {
  return user === undefined ? {} : { auth: { username: user, password: password ?? '' } }
}

/** Loads the client's code, a tenth of a second; call it early where another wait can hide that. */
function loadEtcdClient(): Promise<typeof import('./grpc-packages.ts')> {
  return import('./grpc-packages.ts')
}

/**
 * Runs `use` with a client for one endpoint and closes it. Rejects when the deadline or the signal ends it;
 * other rejections are the client's own, see `rpcProblem`.
 */
export async function withEtcdClient<T>(
  endpoint: URL,
  access: Access,
  use: (client: Etcd3) => Promise<T>,
): Promise<T> {
  access.through?.giveUp() // gRPC is another protocol
  access.signal.throwIfAborted()
  const left = timeLeft(access)
  const { Etcd3, noop } = await loadEtcdClient()
  // What our own code takes to load on a busy machine is not etcd's time.
  const deadline = Date.now() + left
  const secure = endpoint.protocol === 'https:'
  const quiet = secure ? muteDeprecations() : undefined
  const client = new Etcd3({
    hosts: endpointText(endpoint),
    ...(secure ? { credentials: credentials(access.tls) } : {}),
    ...account(access),
    defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline }),
    faultHandling: { global: noop, host: () => noop },
    grpcOptions: {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
    },
  })
  try {
    return await Promise.race([use(client), aborted(access.signal)])
  } finally {
    client.close()
    quiet?.()
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new Error('1 CANCELLED: no answer before the reading ended'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

/** gRPC sends an IP address as TLS server name, of which Node warns on stderr (DEP0123); etcd ignores it. */
function muteDeprecations(): () => void {
  const before = process.noDeprecation === true
  process.noDeprecation = true
  return () => {
    process.noDeprecation = before
  }
}

const DENIED =
  /permission denied|authentication failed|user name is empty|invalid auth token|unauthenticated/i
/** True for the words with which etcd refuses an account, or one that gives no account. */
export function isDenied(words: string): boolean {
  return DENIED.test(words)
}

/** gRPC status codes (`grpc/status.h`). */
const DEADLINE_EXCEEDED = '4'
const UNIMPLEMENTED = '12'
const CANCELLED = '1'

/** Who says it, when, and what gRPC has to add of names, mostly nothing. */
const NOISE = /^etcdserver: | \(\d{4}-[\d:.TZ-]+\)|\.? Resolution note:.*$/gs

/** A client error to a problem. Its errors carry no code: the message begins with gRPC's number. */
export function rpcProblem(error: unknown, timeoutMs: number): ReadProblem {
  const message = error instanceof Error ? error.message : String(error)
  const [, code = '', words = message] = /^(\d+) [A-Z_]+: (.*)$/s.exec(message) ?? []
  const said = printable(words.replace(NOISE, ''), 160)
  if (isDenied(message)) {
    return {
      why: 'not-permitted',
      detail: `the etcd v3 API refused the read: ${said} (give --etcd-user name:password)`,
    }
  }
  if (code === DEADLINE_EXCEEDED) {
    return { why: 'timed-out', detail: `the etcd v3 API did not answer within ${seconds(timeoutMs)}` }
  }
  if (code === CANCELLED) return { why: 'timed-out', detail: `reading the etcd v3 API: ${said}` }
  if (code === UNIMPLEMENTED) {
    return { why: 'missing', detail: 'this etcd has no v3 API (before etcd 3.0)', off: true }
  }
  return { why: 'unreachable', detail: `reading the etcd v3 API: ${said}` }
}
