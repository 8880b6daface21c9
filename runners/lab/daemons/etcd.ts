/** The etcd of a lab: one member in the switch namespace, asked over a Unix socket that needs no namespace and no TLS. */
import { existsSync, mkdirSync } from 'node:fs'
import { present } from '../../../checks/model/present.ts'
import { LabError } from '../lab-error.ts'
import { record } from '../ledger/ledger.ts'
import type { LabPlan } from '../plan/plan.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'
import { endedDaemon, type RunningDaemon, startLabDaemon } from './daemon.ts'
import { askSocket, type SocketRequest } from './socket-http.ts'
import type { LabCertificates } from './tls.ts'

/** etcd takes only host:port after unix://, and makes a socket of that name in its working directory. */
const SOCKET = 'client:0'
const PEER = 'http://127.0.0.1:2380'

/** A record under PREFIX/subnets as the lab needs it. */
export interface LabLease {
  /** Network address and length, `10.5.34.0/24`. */
  readonly subnet: string
  readonly publicIp: string
  readonly vtepMac?: string
}

/** A record under PREFIX/subnets as it is written: everything but the subnet is its value. */
export interface NewLease {
  readonly subnet: string
  readonly PublicIP: string
  readonly PublicIPv6?: string
  readonly BackendType?: string
  readonly BackendData?: { readonly VNI: number; readonly VtepMAC: string }
}

/** etcd 3.4 has no switch against fsync, so its data lies in memory where there is some. */
function dataDirectory(plan: LabPlan): string {
  const base = existsSync('/dev/shm') ? '/dev/shm' : plan.directory
  const path = `${base}/fd-${plan.token}-etcd`
  record(plan.directory, { kind: 'directory', path })
  mkdirSync(path, { mode: 0o700 })
  return path
}

function tlsWords(tls: LabCertificates | undefined): readonly string[] {
  if (tls === undefined) return []
  const files = [
    `--cert-file=${tls.serverCert}`,
    `--key-file=${tls.serverKey}`,
    `--trusted-ca-file=${tls.ca}`,
  ]
  return [...files, '--client-cert-auth']
}

/** Starts etcd. */
export function startEtcd(plan: LabPlan, tls: LabCertificates | undefined): Promise<RunningDaemon> {
  const directory = `${plan.directory}/etcd`
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const argv = etcdArgv(plan, dataDirectory(plan), tls)
  const logFile = `${directory}/etcd.log`
  return startLabDaemon(plan, { role: 'etcd', namespace: plan.switchNamespace, argv, directory, logFile })
}

/**
 * The command line of a lab's etcd. Heartbeat and election timeouts of 10 and 100 ms (default 100 and
 * 1000) make a single member lead after a tenth of a second.
 */
export function etcdArgv(
  plan: Pick<LabPlan, 'endpoint'>,
  dataDir: string,
  tls?: LabCertificates,
): readonly string[] {
  return [
    'etcd',
    '--name=lab',
    '--enable-v2=true',
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${plan.endpoint},unix://${SOCKET}`,
    `--advertise-client-urls=${plan.endpoint}`,
    `--listen-peer-urls=${PEER}`,
    `--initial-advertise-peer-urls=${PEER}`,
    `--initial-cluster=lab=${PEER}`,
    '--heartbeat-interval=10',
    '--election-timeout=100',
    '--logger=zap',
    ...tlsWords(tls),
  ]
}

const socketOf = (plan: LabPlan): string => `${plan.directory}/etcd/${SOCKET}`

/** Waits until etcd has a leader. */
export function waitForEtcd(plan: LabPlan, etcd: RunningDaemon, bounds: WaitBounds): Promise<void> {
  return waitUntil(async () => {
    const ended = endedDaemon(etcd)
    if (ended !== undefined) throw new LabError('failed', ended)
    try {
      const { body } = await askSocket(socketOf(plan), { method: 'GET', path: '/health' })
      return body.includes('"health":"true"') ? undefined : `etcd is not healthy: ${body.slice(0, 200)}`
    } catch (error) {
      return `etcd does not answer: ${(error as Error).message}`
    }
  }, bounds)
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

async function ask(plan: LabPlan, request: SocketRequest): Promise<unknown> {
  const answer = await askSocket(socketOf(plan), request)
  if (answer.status === 404 && request.method === 'GET') return {} // v2: no lease yet
  if (answer.status < 300) return JSON.parse(answer.body)
  throw new LabError('failed', `etcd refused ${request.path}: ${answer.body.slice(0, 200)}`)
}

async function grantLease(plan: LabPlan, ttlSeconds: number): Promise<unknown> {
  const body = JSON.stringify({ TTL: ttlSeconds })
  return ((await ask(plan, { method: 'POST', path: '/v3/lease/grant', body })) as { ID: unknown }).ID
}

interface NewRecord {
  readonly value: string
  /** It stays forever without. */
  readonly ttlSeconds?: number
}

/** Writes a key through the API that this flanneld reads; the v2 and v3 stores are separate. */
async function writeKey(plan: LabPlan, key: string, record: NewRecord): Promise<void> {
  const { value, ttlSeconds } = record
  if (plan.etcdApi === 'v2') {
    const ttl = ttlSeconds === undefined ? '' : `&ttl=${ttlSeconds}`
    const body = `value=${encodeURIComponent(value)}${ttl}`
    const contentType = 'application/x-www-form-urlencoded'
    await ask(plan, { method: 'PUT', path: `/v2/keys${key}`, body, contentType })
  } else {
    const lease = ttlSeconds === undefined ? {} : { lease: await grantLease(plan, ttlSeconds) }
    const body = JSON.stringify({ key: base64(key), value: base64(value), ...lease })
    await ask(plan, { method: 'POST', path: '/v3/kv/put', body })
  }
}

/** Writes PREFIX/config. */
export function writeConfig(plan: LabPlan): Promise<void> {
  return writeKey(plan, `${plan.prefix}/config`, { value: plan.config })
}

/** flannel's leases live for a day (pkg/subnet/etcd/registry.go, subnetTTL). */
const LEASE_SECONDS = 86_400

/** Writes a lease as the flanneld of another host would. */
export function writeLease(plan: LabPlan, { subnet, ...value }: NewLease): Promise<void> {
  const key = `${plan.prefix}/subnets/${subnet.replaceAll('/', '-')}`
  return writeKey(plan, key, { value: JSON.stringify(value), ttlSeconds: LEASE_SECONDS })
}

/** Keys and values under PREFIX/subnets. */
async function readSubnets(plan: LabPlan): Promise<readonly (readonly [string, string])[]> {
  const directory = `${plan.prefix}/subnets/`
  if (plan.etcdApi === 'v2') {
    const answer = (await ask(plan, { method: 'GET', path: `/v2/keys${directory}` })) as {
      node?: { nodes?: readonly { key: string; value: string }[] }
    }
    return (answer.node?.nodes ?? []).map(({ key, value }) => [key, value])
  }
  // The end of a prefix read is the prefix with its last byte raised by one: '/' becomes '0'.
  const range = { key: base64(directory), range_end: base64(`${plan.prefix}/subnets0`) }
  const body = JSON.stringify(range)
  const answer = (await ask(plan, { method: 'POST', path: '/v3/kv/range', body })) as {
    kvs?: readonly { key: string; value: string }[]
  }
  return (answer.kvs ?? []).map(({ key, value }) => [plain(key), plain(value)])
}

/** The leases in etcd. */
export async function readLeases(plan: LabPlan): Promise<readonly LabLease[]> {
  return (await readSubnets(plan)).map(([key, text]) => {
    const value = JSON.parse(text) as { PublicIP: string; BackendData?: { VtepMAC?: string } | null }
    const vtepMac = value.BackendData?.VtepMAC
    // Dual stack: `10.5.30.0-24&fd00:5::-64`; the IPv4 part names the lease.
    const subnet = (key.split('/').at(-1) ?? '').replace(/-(\d+)(&.*)?$/, '/$1')
    return { subnet, publicIp: value.PublicIP, ...present({ vtepMac }) }
  })
}
