/** An HTTP question whose answer does not end: its lines are heard as they come, nothing of them is kept. */
import type { IncomingMessage } from 'node:http'
import type { Access } from './access.ts'
import { openRequest, type Question } from './http-get.ts'

/** A change of one key is at most etcd's limit of a request, 1.5 MiB, in base64 and twice where it has a value before. */
const LONGEST_LINE = 8 * 1024 * 1024
/** A server that is gone without a word is found by the kernel's own probes of an idle connection. */
const KEEP_ALIVE_MS = 30_000

export interface Listener {
  readonly answered: (answer: Pick<IncomingMessage, 'statusCode' | 'headers'>) => void
  readonly line: (text: string) => void
}

function hear(answer: IncomingMessage, { line }: Listener, end: () => void): void {
  let rest = ''
  answer.setEncoding('utf8')
  answer.on('data', (chunk: string) => {
    const [first = '', ...more] = chunk.split('\n')
    const lines = [`${rest}${first}`, ...more]
    rest = lines.pop() ?? ''
    lines.forEach(line)
    if (rest.length > LONGEST_LINE) end()
  })
  answer.once('error', end)
  answer.once('end', () => {
    if (rest !== '') line(rest)
    end()
  })
}

/** Asks, and listens until the server or the access's signal ends it. Never rejects. */
export function httpLines(question: Question, access: Access, listener: Listener): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  try {
    const request = openRequest(question, access)
    const end = (): void => {
      access.signal.removeEventListener('abort', end)
      request.destroy()
      resolve()
    }
    access.signal.addEventListener('abort', end, { once: true })
    if (access.signal.aborted) end()
    request.on('error', end)
    request.setSocketKeepAlive(true, KEEP_ALIVE_MS)
    request.once('response', (answer) => {
      listener.answered(answer)
      hear(answer, listener, end)
    })
    request.end(question.body)
  } catch {
    resolve() // a PEM file that is none: reading tells of it
  }
  return promise
}
