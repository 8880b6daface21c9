/** Which Docker engine a lab uses: the one that answers, else one of its own in a network of its own. */
import { accessSync, constants, existsSync } from 'node:fs'
import { commandPath } from '../../setup/search-path.js'
import { startDockerd, untilAnswering } from '../daemons/dockerd.ts'
import { askSocket } from '../daemons/socket-http.ts'
import { LabError, usage } from '../lab-error.ts'
import { record } from '../ledger/ledger.ts'
import { ipBatch } from '../network/topology.ts'
import type { LabPlan } from '../plan/plan.ts'
import type { WaitBounds } from '../wait.ts'

const DEFAULT_SOCKET = '/var/run/docker.sock'

/** The Unix socket that DOCKER_HOST names, else Docker's own. Throws LabError for an engine of another machine. */
function askedSocket(dockerHost: string | undefined): string {
  if (dockerHost === undefined || dockerHost === '') return DEFAULT_SOCKET
  const path = /^unix:\/\/(\/.+)$/.exec(dockerHost)?.[1]
  if (path !== undefined) return path
  return usage(
    `a docker lab needs an engine of this machine: DOCKER_HOST is ${dockerHost}, expected unix:///PATH`,
  )
}

/** True when an engine answers there. Throws LabError when this user may not ask it. */
async function answers(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false
  try {
    accessSync(socket, constants.R_OK | constants.W_OK)
  } catch {
    throw new LabError(
      'missing',
      `Docker refuses this user: permission denied on ${socket} (be root, or in the socket's group)`,
    )
  }
  const answer = await askSocket(socket, { method: 'GET', path: '/_ping' }).catch(() => undefined)
  return answer?.status === 200
}

function refuseToStart(): void {
  if (process.getuid?.() !== 0)
    throw new LabError('missing', 'no Docker engine runs here, and only root can start one for a lab')
  if (commandPath('dockerd') === undefined)
    throw new LabError(
      'missing',
      'no Docker engine runs here, and there is no dockerd to start (Debian package docker.io)',
    )
}

/** The socket of an engine that runs; undefined when a lab has to start one. Throws LabError when it cannot have one. */
export async function runningEngine(dockerHost: string | undefined): Promise<string | undefined> {
  const socket = askedSocket(dockerHost)
  if (await answers(socket)) return socket
  if (dockerHost) throw new LabError('missing', `no Docker engine answers at DOCKER_HOST=${dockerHost}`)
  refuseToStart()
  return undefined
}

/**
 * Starts an engine that goes with the lab's ledger, in a network namespace of its own: its bridges and its
 * firewall rules never meet those of the machine. Gives its socket. Throws LabError when it does not come up.
 */
export async function startEngine(
  plan: Pick<LabPlan, 'directory' | 'token'>,
  bounds: WaitBounds,
): Promise<string> {
  const namespace = `fd-${plan.token}-engine`
  record(plan.directory, { kind: 'namespace', name: namespace })
  await ipBatch([`netns add ${namespace}`])
  await ipBatch(['link set lo up'], { namespace })
  const directory = `${plan.directory}/engine`
  const role = 'the Docker engine'
  const dockerd = await startDockerd(plan, { role, namespace, directory, words: ['--bridge=none'] })
  await untilAnswering(dockerd, bounds)
  return `${directory}/docker.sock`
}
