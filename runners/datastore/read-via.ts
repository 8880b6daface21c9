/** Reads etcd from the network of a host, with the reader as a command there. */
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printable } from '../../reports/printable.ts'
import { insideNetwork } from '../hosts/command/inside-network.ts'
import { type CommandResult, type Runner, RunnerError } from '../hosts/command/runner.ts'
import { containerNetwork } from '../hosts/docker.ts'
import { parseHostUrl } from '../hosts/host-url.ts'
import { localRunner } from '../hosts/local.ts'
import { deadEndpoint } from './read-endpoint.ts'
import { readEtcd } from './read-etcd.ts'
import type { EtcdReading } from './reading.ts'
import { ETCD_TIMEOUT_MS, type EtcdRequest, SECOND_TRY } from './request.ts'
import { seconds } from './transport-problem.ts'

/** Start of Node and reading of the lease times, on top of the request's own time. */
const START_MS = 5000

/** Runs beside this file, as source or as built. */
const READER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'reader.ts' : 'reader.js', import.meta.url),
)

/** The reader's command line. It shares our compile cache, where we have one: a third of its start. */
function readerCommand(): readonly string[] {
  const cache = getCompileCacheDir()
  const environment = cache === undefined ? [] : ['env', `NODE_COMPILE_CACHE=${dirname(cache)}`]
  return [...environment, process.execPath, READER]
}

function failed(request: EtcdRequest, why: 'unreachable' | 'timed-out', problem: string): EtcdReading {
  return {
    prefix: request.prefix,
    askedApi: request.api,
    endpoints: request.endpoints.map((url) => deadEndpoint(url, problem, why)),
    v2: null,
    v3: null,
    at: Date.now(),
  }
}

function parseAnswer(result: CommandResult): EtcdReading | undefined {
  try {
    const reading: unknown = JSON.parse(new TextDecoder().decode(result.stdout))
    return typeof reading === 'object' && reading !== null && 'endpoints' in reading
      ? (reading as EtcdReading)
      : undefined
  } catch {
    return undefined
  }
}

async function runReader(runner: Runner, request: EtcdRequest, signal: AbortSignal): Promise<EtcdReading> {
  // Two tries, and the times that leases have left.
  const timeoutMs = (2 + SECOND_TRY) * (request.timeoutMs ?? ETCD_TIMEOUT_MS) + START_MS
  const result = await runner.run(readerCommand(), {
    stdin: JSON.stringify(request),
    timeoutMs,
    signal,
  })
  const reading = parseAnswer(result)
  if (reading !== undefined) return reading
  if ('timedOut' in result.end || 'cancelled' in result.end) {
    return failed(
      request,
      'timed-out',
      `the reader in ${runner.via} gave nothing within ${seconds(timeoutMs)}`,
    )
  }
  const words = printable(result.stderr.trim().split('\n').at(-1) ?? '', 160)
  return failed(request, 'unreachable', `the reader in ${runner.via} failed: ${words}`)
}

/** A runner with the programs of this machine and the network of the host: a container has no Node. */
async function hereInNetworkOf(runner: Runner): Promise<Runner | undefined> {
  if (runner.kind === 'netns') return runner
  const url = runner.kind === 'docker' ? parseHostUrl(runner.via) : undefined
  if (url?.kind !== 'docker') return undefined
  const path = await containerNetwork(url.container, url.socket)
  return { ...insideNetwork(localRunner(runner.host), { path }), via: runner.via }
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
  if (runner.kind === 'local') return readEtcd(request, signal)
  try {
    const near = await hereInNetworkOf(runner)
    if (near !== undefined) return await runReader(near, request, signal)
    return failed(request, 'unreachable', `reading etcd from a ${runner.kind} host is not supported`)
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error
    return failed(request, 'unreachable', error.message)
  }
}
