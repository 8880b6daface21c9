/** HTTP over a Unix socket: reaches etcd and dockerd of a lab, whose network namespaces this process is not in. */
import { request } from 'node:http'

export interface SocketRequest {
  readonly method: string
  readonly path: string
  readonly body?: string | Uint8Array
  readonly contentType?: string
  readonly timeoutMs?: number
}

export interface SocketAnswer {
  readonly status: number
  readonly body: string
}

/** Sends one request and reads the whole answer. Rejects when the socket is not served or the deadline (5 s) passes. */
export function askSocket(socketPath: string, options: SocketRequest): Promise<SocketAnswer> {
  const { method, path, body, contentType = 'application/json', timeoutMs = 5000 } = options
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', ...(body === undefined ? {} : { 'content-type': contentType }) }
    const signal = AbortSignal.timeout(timeoutMs)
    const fail = (error: Error): void =>
      reject(
        signal.aborted
          ? new Error(`${socketPath} did not answer ${method} ${path} within ${timeoutMs / 1000} s`)
          : error,
      )
    const outgoing = request({ socketPath, method, path, headers, signal, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', fail)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}
