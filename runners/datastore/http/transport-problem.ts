/** Failures of sockets and TLS in plain words. */
import type { Absence } from '../../../checks/model/snapshot.ts'
import { printable } from '../../../reports/layout/printable.ts'
import type { TlsHints } from './access.ts'

/** How far a request came: only an endpoint that may still speak gRPC is asked further. */
export type TransportStage = 'connect' | 'silent' | 'answer'

/** A request that got no answer. */
export class TransportError extends Error {
  readonly why: Absence
  readonly stage: TransportStage
  constructor(stage: TransportStage, why: Absence, message: string) {
    super(message)
    this.name = 'TransportError'
    this.stage = stage
    this.why = why
  }
}

const UNTRUSTED = 'the server certificate is not signed by a trusted authority ({ca})'
const CLIENT_CERTIFICATE = 'the server refused our TLS certificate or wants one ({cert})'
const NOT_TLS = 'it does not speak TLS (use http:// instead of https://?)'

/** System and OpenSSL error codes (errno(3); Node's tls documentation, X509 certificate error codes). */
const BY_CODE: Readonly<Record<string, readonly [Absence, string]>> = {
  ECONNREFUSED: ['unreachable', 'connection refused'],
  EHOSTUNREACH: ['unreachable', 'no route to host'],
  ENETUNREACH: ['unreachable', 'network is unreachable'],
  ENOTFOUND: ['unreachable', 'host name not found'],
  EAI_AGAIN: ['unreachable', 'host name could not be looked up'],
  ETIMEDOUT: ['timed-out', 'connection timed out'],
  EACCES: ['not-permitted', 'not permitted to connect'],
  EPERM: ['not-permitted', 'a local firewall rule forbids the connection'],
  CERT_HAS_EXPIRED: ['unreachable', 'the server certificate has expired'],
  CERT_NOT_YET_VALID: ['unreachable', 'the server certificate is not valid yet (check the clocks)'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['unreachable', 'the server certificate is for another name or address'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['unreachable', UNTRUSTED],
  SELF_SIGNED_CERT_IN_CHAIN: ['unreachable', UNTRUSTED],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['unreachable', UNTRUSTED],
  UNABLE_TO_GET_ISSUER_CERT: ['unreachable', UNTRUSTED],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['unreachable', UNTRUSTED],
  CERT_SIGNATURE_FAILURE: ['unreachable', UNTRUSTED],
}

const BY_TEXT: readonly (readonly [RegExp, Absence, string])[] = [
  [
    /alert bad certificate|certificate required|alert handshake failure|unknown ca/i,
    'not-permitted',
    CLIENT_CERTIFICATE,
  ],
  [/wrong version number|packet length too long|unsupported protocol/i, 'unreachable', NOT_TLS],
]

interface SystemError {
  readonly code?: string
  readonly message: string
}

/** The first real cause: connecting to a name with several addresses fails with a list of errors. */
function rootOf(error: unknown): SystemError {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0])
  return error as SystemError
}

/** etcd closes a connection in the wrong protocol without a word (its listener tells protocols apart by first bytes). */
function closedError(secure: boolean, connected: boolean): TransportError {
  const hint = secure ? 'it may not speak TLS: http://' : 'it may speak only TLS: https://'
  const words = connected && secure ? '' : ` (${hint}?)`
  const stage = connected ? 'answer' : 'connect'
  return new TransportError(stage, 'unreachable', `it closed the connection without an answer${words}`)
}

function knownProblem(code: string, message: string): readonly [Absence, string] | undefined {
  const [, ...byText] = BY_TEXT.find(([pattern]) => pattern.test(message)) ?? [undefined]
  return byText.length === 2 ? byText : BY_CODE[code]
}

const ETCD_HINTS: TlsHints = { ca: 'give its CA with --etcd-ca', cert: 'give --etcd-cert and --etcd-key' }

/**
 * A socket's, TLS's or HTTP parser's error. `connected`: the TCP connection stood and TLS, with `secure`, was done.
 */
export function transportError(
  error: unknown,
  {
    secure,
    connected,
    hints = ETCD_HINTS,
  }: { readonly secure: boolean; readonly connected: boolean; readonly hints?: TlsHints },
): TransportError {
  const hinted = (words: string): string => words.replace('{ca}', hints.ca).replace('{cert}', hints.cert)
  const { code = '', message } = rootOf(error)
  const [why, words] = knownProblem(code, message) ?? []
  if (why !== undefined && words !== undefined) return new TransportError('connect', why, hinted(words))
  if (code === 'ECONNRESET' || code === 'EPIPE') return closedError(secure, connected)
  if (code.startsWith('HPE_')) return new TransportError('answer', 'unparsable', 'it does not answer in HTTP')
  return new TransportError(
    'connect',
    'unreachable',
    printable(code === '' ? message : `${code}: ${message}`),
  )
}

/** Milliseconds for messages: `3 s`, `1.5 s`. */
export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
