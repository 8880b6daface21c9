/** Reads and edits single keys in the etcd of a lab that is up, through either API. */
import type { DatastoreStep } from '../../../fixtures/fault.ts'
import { LabError } from '../lab-error.ts'
import type { LabState } from '../running/state.ts'
import { askSocket, type SocketRequest } from './socket-http.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

/** etcd of a lab is asked over this socket, see etcd.ts. */
const socketOf = (lab: LabState): string => `${lab.directory}/etcd/client:0`

async function ask(lab: LabState, request: SocketRequest): Promise<Record<string, unknown>> {
  const answer = await askSocket(socketOf(lab), request)
  if (answer.status === 404 && request.path.startsWith('/v2/')) return {} // no such key
  if (answer.status < 300) return JSON.parse(answer.body) as Record<string, unknown>
  throw new LabError('failed', `etcd refused ${request.path}: ${answer.body.slice(0, 200)}`)
}

async function askV3(lab: LabState, path: string, body: object): Promise<Record<string, unknown>> {
  return ask(lab, { method: 'POST', path: `/v3/${path}`, body: JSON.stringify(body) })
}

async function putV3(lab: LabState, { key, value = '', ttlSeconds }: DatastoreStep): Promise<void> {
  const granted = ttlSeconds === undefined ? {} : await askV3(lab, 'lease/grant', { TTL: ttlSeconds })
  const lease = granted.ID === undefined ? {} : { lease: granted.ID }
  await askV3(lab, 'kv/put', { key: base64(key), value: base64(value), ...lease })
}

async function editV2(lab: LabState, { etcd, key, value = '', ttlSeconds }: DatastoreStep): Promise<void> {
  const path = `/v2/keys${encodeURI(key)}`
  if (etcd === 'delete') {
    await ask(lab, { method: 'DELETE', path })
    return
  }
  const ttl = ttlSeconds === undefined ? '' : `&ttl=${ttlSeconds}`
  const body = `value=${encodeURIComponent(value)}${ttl}`
  await ask(lab, { method: 'PUT', path, body, contentType: 'application/x-www-form-urlencoded' })
}

/** Does one edit. Deleting a key that is not there is no failure. Throws LabError when etcd refuses. */
export async function editDatastore(lab: LabState, step: DatastoreStep): Promise<void> {
  if ((step.api ?? lab.etcdApi) === 'v2') await editV2(lab, step)
  else if (step.etcd === 'put') await putV3(lab, step)
  else await askV3(lab, 'kv/deleterange', { key: base64(step.key) })
}

/** Raw keys and values under PREFIX/subnets. */
export async function readSubnetKeys(lab: LabState): Promise<ReadonlyMap<string, string>> {
  const folder = `${lab.prefix}/subnets`
  if (lab.etcdApi === 'v2') {
    const answer = await ask(lab, { method: 'GET', path: `/v2/keys${folder}` })
    const { nodes = [] } = (answer.node ?? {}) as { nodes?: readonly { key: string; value: string }[] }
    return new Map(nodes.map(({ key, value }) => [key, value]))
  }
  // The end of a prefix read is the prefix with its last byte raised by one: '/' becomes '0'.
  const range = { key: base64(`${folder}/`), range_end: base64(`${folder}0`) }
  const { kvs = [] } = (await askV3(lab, 'kv/range', range)) as {
    kvs?: readonly { key: string; value: string }[]
  }
  return new Map(kvs.map(({ key, value }) => [plain(key), plain(value)]))
}
