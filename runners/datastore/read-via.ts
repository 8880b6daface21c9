/** Reads etcd from the network of a host, with the reader as a command there. */
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printable } from '../../reports/layout/printable.ts'
import { insideNetwork } from '../hosts/command/inside-network.ts'
import { type CommandResult, type Runner, RunnerError } from '../hosts/command/runner.ts'
import { containerNetwork } from '../hosts/docker.ts'
import { parseHostUrl } from '../hosts/host-url.ts'
import { localRunner } from '../hosts/local.ts'
import { NETNS_DIR } from '../hosts/netns.ts'
import { seconds } from './http/transport-problem.ts'
import type { KubernetesReading } from './kubernetes/reading.ts'
import { KUBERNETES_TIMEOUT_MS, type KubernetesRequest } from './kubernetes/request.ts'
import { isKubernetes, unreadKubernetes } from './kubernetes/unread.ts'
import { deadEndpoint } from './read-endpoint.ts'
import type { EtcdReading } from './reading.ts'
import { ETCD_TIMEOUT_MS, type EtcdRequest, SECOND_TRY } from './request.ts'

/** Start of Node and reading of the lease times, on top of the request's own time. */
const START_MS = 5000

/** Runs beside this file, as source or as built. */
const READER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'reader.ts' : 'reader.js', import.meta.url),
)

/** The reader's command line. It shares our compile cache, where we have one: a third of its start. */
export function readerCommand(): readonly string[] {
  const cache = getCompileCacheDir()
  const environment = cache === undefined ? [] : ['env', `NODE_COMPILE_CACHE=${dirname(cache)}`]
  return [...environment, process.execPath, READER]
}

function failedEtcd(request: EtcdRequest): Failed<EtcdReading> {
  return (why, problem) => ({
    prefix: request.prefix,
    askedApi: request.api,
    endpoints: request.endpoints.map((url) => deadEndpoint(url, problem, why)),
    v2: null,
    v3: null,
    at: Date.now(),
  })
}

/** A reading that says why there is none. */
type Failed<R> = (why: 'unreachable' | 'timed-out', problem: string) => R

/** What the reader is to do. */
interface Work<R> {
  readonly request: EtcdRequest | KubernetesRequest
  readonly timeoutMs: number
  /** In words, for messages. */
  readonly what: string
  readonly isReading: (answer: object) => boolean
  readonly failed: Failed<R>
}

function parseAnswer<R>(result: CommandResult, isReading: Work<R>['isReading']): R | undefined {
  try {
    const reading: unknown = JSON.parse(new TextDecoder().decode(result.stdout))
    return typeof reading === 'object' && reading !== null && isReading(reading) ? (reading as R) : undefined
  } catch {
    return undefined
  }
}

async function runReader<R>(runner: Runner, work: Work<R>, signal: AbortSignal): Promise<R> {
  const { request, timeoutMs, isReading, failed } = work
  const result = await runner.run(readerCommand(), {
    stdin: JSON.stringify(request),
    timeoutMs,
    signal,
  })
  const reading = parseAnswer<R>(result, isReading)
  if (reading !== undefined) return reading
  if ('cancelled' in result.end)
    return failed('timed-out', `the reader in ${runner.via} gave nothing before the reading ended`)
  if ('timedOut' in result.end) {
    return failed('timed-out', `the reader in ${runner.via} gave nothing within ${seconds(timeoutMs)}`)
  }
  const words = printable(result.stderr.trim().split('\n').at(-1) ?? '', 160)
  return failed('unreachable', `the reader in ${runner.via} failed: ${words}`)
}

/** Where the network of a host is that is a namespace of this machine. */
async function networkOf({ kind, via }: Runner): Promise<string | undefined> {
  const url = kind === 'netns' || kind === 'docker' ? parseHostUrl(via) : undefined
  if (url?.kind === 'netns') return `${NETNS_DIR}/${url.namespace}`
  return url?.kind === 'docker' ? containerNetwork(url.container, url.socket) : undefined
}

/** A runner with the programs of this machine and the network of the host: a container has no Node. */
export async function hereInNetworkOf(runner: Runner): Promise<Runner | undefined> {
  if (runner.kind === 'netns') return runner
  const path = await networkOf(runner)
  return path === undefined
    ? undefined
    : { ...insideNetwork(localRunner(runner.host), { path }), via: runner.via }
}

/** Without a process of Node's, where plain HTTP is enough; why it cannot be read is told by asking again in the other way. */
async function relayed(
  runner: Runner,
  request: EtcdRequest,
  signal: AbortSignal,
): Promise<EtcdReading | undefined> {
  const { isPlain, readRelayed } = await import('./read-relayed.ts')
  const network = isPlain(request) ? await networkOf(runner).catch(() => undefined) : undefined
  return network === undefined ? undefined : readRelayed(network, request, signal)
}

async function readInNetwork<R>(runner: Runner, work: Work<R>, signal: AbortSignal): Promise<R> {
  try {
    const near = await hereInNetworkOf(runner)
    if (near !== undefined) return await runReader(near, work, signal)
    return work.failed('unreachable', `reading ${work.what} from a ${runner.kind} host is not supported`)
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error
    return work.failed('unreachable', error.message)
  }
}

/**
 * `readEtcd` in the network of a runner's host: directly for this machine, as a child process in a network
 * namespace, that of a container of this machine's Docker included (needs root). Other kinds of host are not supported, which the reading then says. Never rejects.
 */
export async function readEtcdVia(
  runner: Runner,
  request: EtcdRequest,
  signal: AbortSignal,
): Promise<EtcdReading> {
  if (runner.kind === 'local') {
    const { readEtcd } = await import('./read-etcd.ts')
    return readEtcd(request, signal)
  }
  const plainly = await relayed(runner, request, signal)
  if (plainly !== undefined) return plainly
  // Two tries, and the times that leases have left.
  const timeoutMs = (2 + SECOND_TRY) * (request.timeoutMs ?? ETCD_TIMEOUT_MS) + START_MS
  const isReading = (answer: object): boolean => 'endpoints' in answer
  const work = { request, timeoutMs, what: 'etcd', isReading, failed: failedEtcd(request) }
  return readInNetwork(runner, work, signal)
}

/** The Kubernetes API in the same way; the kubeconfig is one of this machine. Never rejects. */
export async function readKubernetesVia(
  runner: Runner,
  request: KubernetesRequest,
  signal: AbortSignal,
): Promise<KubernetesReading> {
  if (runner.kind === 'local') {
    const { readKubernetes } = await import('./kubernetes/read-kubernetes.ts')
    return readKubernetes(request, signal)
  }
  const failed: Failed<KubernetesReading> = (why, detail) => unreadKubernetes('', { why, detail })
  // Lists come page by page, each with its own time.
  const timeoutMs = 3 * (request.timeoutMs ?? KUBERNETES_TIMEOUT_MS) + START_MS
  const work = { request, timeoutMs, what: 'the Kubernetes API', isReading: isKubernetes, failed }
  return readInNetwork(runner, work, signal)
}
