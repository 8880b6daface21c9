/** Asks a Docker engine of this machine over its Unix socket. */
import { LabError } from '../lab-error.ts'
import { askSocket, type SocketRequest } from './socket-http.ts'

const LONGEST_STDERR = 300

/** Docker's own words in an answer that is no success. */
function wordsOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body
  } catch {
    return body
  }
}

/** Its answer as text. Throws LabError with Docker's words when it refuses. */
export async function askEngine(socket: string, request: SocketRequest): Promise<string> {
  const { status, body } = await askSocket(socket, { timeoutMs: 30_000, ...request })
  if (status < 300) return body
  const words = wordsOf(body).trim().slice(0, LONGEST_STDERR)
  throw new LabError('failed', `Docker refused ${request.path.split('?')[0]}: ${words}`)
}

/** `askEngine` for an answer in JSON. */
export async function readEngine<T>(socket: string, request: SocketRequest): Promise<T> {
  return JSON.parse(await askEngine(socket, request)) as T
}

/** A POST with a JSON body. */
export function posted(path: string, body?: object): SocketRequest {
  return { method: 'POST', path, ...(body !== undefined && { body: JSON.stringify(body) }) }
}
