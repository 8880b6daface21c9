/** An HTTPS server that answers as the Kubernetes API does, and a kubeconfig for it. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { stringify } from 'yaml'
import { makeAuthority, type TestCertificate } from '../http/certificates-for-tests.ts'

const STATE = new URL('../../../fixtures/states/k8s-v0.28.9-vxlan/kubernetes/', import.meta.url)

/** The token that the server takes. It must never be seen anywhere. */
export const CANARY = 'canary-token-4711'

export interface Answer {
  readonly status?: number
  readonly body: unknown
}

/** What is answered instead of the recorded lists, by the path of a request; undefined: as recorded. */
export type Answers = (
  path: string,
  query: URLSearchParams,
  response: ServerResponse,
) => Answer | 'held' | undefined

function recorded(path: string): Answer {
  const list = (name: string): Answer => ({
    body: JSON.parse(readFileSync(new URL(`${name}.json`, STATE), 'utf8')),
  })
  const [, name = ''] = /\/(nodes|pods|daemonsets|services|endpointslices)$/.exec(path) ?? []
  if (name !== '') return list(name)
  if (path === '/version') return { body: { gitVersion: 'v1.34.4' } }
  const { items } = list('configmaps').body as { items: unknown[] }
  if (path.endsWith('/kube-flannel/configmaps/kube-flannel-cfg')) return { body: items[0] }
  return { status: 404, body: { kind: 'Status', message: 'not found' } }
}

function respond(request: IncomingMessage, response: ServerResponse, answers: Answers): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://server')
  const isKnown = request.headers.authorization === `Bearer ${CANARY}`
  const answer = isKnown
    ? (answers(pathname, searchParams, response) ?? recorded(pathname))
    : { status: 401, body: { kind: 'Status', message: 'Unauthorized' } }
  if (answer === 'held') return
  const { status = 200, body } = answer
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** A folder with certificates and kubeconfigs, and a server that stands until the test ends. */
export async function testApi(t: ExecutionContext, answers: Answers = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'flannel-doctor-api-'))
  const sign = await makeAuthority(folder, 'cluster')
  const own: TestCertificate = await sign('server', 'IP:127.0.0.1')
  const server = createServer(
    { cert: readFileSync(own.cert), key: readFileSync(own.key) },
    (request, response) => respond(request, response, answers),
  )
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  let count = 0
  /** A kubeconfig with these changes to its cluster and its user. */
  const kubeconfig = async (cluster: object = {}, user: object = { token: CANARY }): Promise<string> => {
    const path = join(folder, `config-${count++}`)
    const content = {
      'current-context': 'main',
      contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': own.ca, ...cluster } }],
      users: [{ name: 'u', user }],
    }
    await writeFile(path, stringify(content), { mode: 0o600 })
    return path
  }
  return { url, folder, own, sign, kubeconfig }
}
