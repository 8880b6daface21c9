/** One bounded HTTP question, on a connection of its own unless it goes through another network, so that nothing stays open afterwards. */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { TLSSocket } from 'node:tls'
import { present } from '../../../checks/model/present.ts'
import { distinguishedName } from '../../collect/facts/tls-files.ts'
import { type Access, timeLeft } from './access.ts'
import { seconds, TransportError, transportError } from './transport-problem.ts'

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Names of the authorities that signed the server's certificate and those it sent along; empty without TLS. */
  readonly signers: readonly string[]
}

/** Longest wait for a TCP connection; a dropped SYN is sent again after 1 s (RFC 6298). */
const CONNECT_MS = 2000
/** 10,000 leases are about 4 MiB. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

/** What is asked: a GET, or a POST of a body. */
export interface Question {
  readonly url: URL
  readonly body?: string
}

/** A request on a connection of its own, not yet sent. Throws for a PEM file that is none. */
export function openRequest({ url, body }: Question, access: Access): ClientRequest {
  const sent =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  const options: RequestOptions & Access['tls'] = {
    agent: access.through?.agent ?? false,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(!access.through && { connection: 'close' }),
      accept: 'application/json',
      ...sent,
      ...access.headers,
    },
    ...(access.user === undefined ? {} : { auth: `${access.user}:${access.password ?? ''}` }),
  }
  // Imported as a module it would at once load a WebSocket client, which takes longer than all else of it.
  return url.protocol === 'https:'
    ? process.getBuiltinModule('node:https').request(url, { ...options, ...access.tls })
    : process.getBuiltinModule('node:http').request(url, options)
}

type Fail = (error: unknown) => void

/** Collects a body up to the bound. */
function collect(answer: IncomingMessage, done: (body: string) => void, fail: Fail): void {
  const chunks: Buffer[] = []
  let size = 0
  answer.once('error', fail)
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length
    chunks.push(chunk)
    if (size > MAX_BODY_BYTES) {
      fail(new TransportError('answer', 'unparsable', `it answered with more than ${MAX_BODY_BYTES} bytes`))
    }
  })
  answer.once('end', () => done(Buffer.concat(chunks).toString('utf8')))
}

/** Fails at the deadlines and on cancellation; gives back what releases the timers. */
function bound(access: Access, isConnected: () => boolean, fail: Fail): () => void {
  const unconnected = (ms: number): TransportError =>
    new TransportError('connect', 'timed-out', `no connection within ${seconds(ms)} (packets dropped?)`)
  const silent = `it accepted the connection and did not answer within ${seconds(access.timeoutMs)}`
  const left = timeLeft(access)
  const whole = setTimeout(
    () =>
      fail(isConnected() ? new TransportError('silent', 'timed-out', silent) : unconnected(access.timeoutMs)),
    left,
  )
  // A process that stood still for as long hears of its connection only after its timers.
  const late = (): void => void setImmediate(() => isConnected() || fail(unconnected(CONNECT_MS)))
  const connect = setTimeout(late, CONNECT_MS)
  const cancel = (): void =>
    fail(new TransportError('silent', 'timed-out', 'no answer before the reading ended'))
  access.signal.addEventListener('abort', cancel, { once: true })
  return () => {
    clearTimeout(whole)
    clearTimeout(connect)
    access.signal.removeEventListener('abort', cancel)
  }
}

/** How far the connection is: TCP stands, and for https TLS too. */
function followConnection(
  request: ClientRequest,
  { url, isOpen }: { readonly url: URL; readonly isOpen: boolean },
): { tcp: boolean; ready: boolean } {
  const state = { tcp: isOpen, ready: isOpen }
  if (isOpen) return state // many questions on one socket: each would leave its listeners
  request.once('socket', (socket) => {
    socket.once('connect', () => {
      state.tcp = true
      state.ready = url.protocol === 'http:'
    })
    socket.once('secureConnect', () => {
      state.ready = true
    })
  })
  return state
}

/** Certificates that one server sends; three are common. */
const MOST_CERTIFICATES = 10

/** The issuers in the chain that the server sent, its own first. */
function signersOf({ socket }: IncomingMessage): readonly string[] {
  const signers = new Set<string>()
  let certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  for (let count = 0; certificate !== undefined && count < MOST_CERTIFICATES; count++) {
    signers.add(distinguishedName(certificate.issuer))
    certificate = certificate.issuerCertificate
  }
  return [...signers]
}

function exchange(
  question: Question,
  access: Access,
  settle: (outcome: HttpAnswer | TransportError) => void,
): void {
  const { url, body } = question
  const request = openRequest(question, access)
  const connection = followConnection(request, { url, isOpen: access.through !== undefined })
  const finish = (outcome: HttpAnswer | TransportError): void => {
    release()
    request.destroy()
    settle(outcome)
  }
  const fail: Fail = (error) =>
    finish(
      error instanceof TransportError
        ? error
        : transportError(error, {
            secure: url.protocol === 'https:',
            connected: connection.ready,
            ...present({ hints: access.hints }),
          }),
    )
  const release = bound(access, () => connection.tcp, fail)
  request.on('error', fail) // also after the outcome: destroying may report once more
  request.once('response', (answer) => {
    const signers = signersOf(answer)
    const done = (body: string): void =>
      finish({ status: answer.statusCode ?? 0, headers: answer.headers, body, signers })
    collect(answer, done, fail)
  })
  request.end(body)
}

/** GETs a URL. Rejects with TransportError; every HTTP status is an answer. */
export function httpGet(url: URL, access: Access): Promise<HttpAnswer> {
  return answerTo({ url }, access)
}

/** The same for a JSON text that is sent: a question that does not fit into a URL. */
export function httpPost(url: URL, access: Access, body: string): Promise<HttpAnswer> {
  return answerTo({ url, body }, access)
}

function answerTo(question: Question, access: Access): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: HttpAnswer | TransportError): void => {
      if (outcome instanceof TransportError) {
        access.through?.giveUp()
        reject(outcome)
      } else resolve(outcome)
    }
    if (access.signal.aborted) {
      settle(new TransportError('silent', 'timed-out', 'no answer before the reading ended'))
      return
    }
    try {
      exchange(question, access, settle)
    } catch (error) {
      settle(transportError(error, { secure: true, connected: false, ...present({ hints: access.hints }) })) // a PEM file that is none
    }
  })
}
