/** A real dockerd per host, in the host's network, with everything else of its own. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { formatPrefix } from '../../../checks/model/address.ts'
import { shell } from '../../hosts/command/zx.ts'
import { LabError } from '../lab-error.ts'
import { type LedgerEntry, record } from '../ledger/ledger.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'
import type { LabContainer } from '../running/state.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'
import type { ContainerImage } from './container-image.ts'
import { endedDaemon, lastLogLines, type RunningDaemon, startLabDaemon } from './daemon.ts'
import type { HostSubnet } from './host-subnet.ts'
import { nameNamespace } from './name-namespace.ts'
import type { ReadySubject } from './ready.ts'
import { askSocket } from './socket-http.ts'

export interface DockerHost {
  readonly socket: string
  readonly containers: readonly LabContainer[]
}

const IMAGE = 'flannel-doctor-lab:1'

/** What dockerd and containerd make outside of their own roots, innermost first. */
const SHARED_DIRECTORIES = ['/run/containerd/s', '/run/containerd', '/run/docker/plugins', '/run/docker']

/** It has taken more than ten seconds on a machine with forty busy processes. */
const VERSION_MS = 60_000

/**
 * A configuration of its own: the machine's /etc/docker/daemon.json is not ours. Up to 20.10 dockerd
 * makes /etc/docker/key.json unless it is told another place; later ones refuse the setting.
 */
async function writeDaemonConfig(directory: string): Promise<string> {
  const { stdout } = await shell({ timeoutMs: VERSION_MS })`dockerd --version`
  const major = Number(/version (\d+)\./.exec(stdout)?.[1])
  if (Number.isNaN(major))
    throw new LabError('failed', `dockerd --version says no version: "${stdout.trim()}"`)
  const path = `${directory}/daemon.json`
  writeFileSync(path, JSON.stringify(major <= 20 ? { 'deprecated-key-path': `${directory}/key.json` } : {}))
  return path
}

/** A dockerd to be started. */
export interface NewDockerd {
  readonly role: string
  readonly namespace: string
  /** Takes everything that it makes. */
  readonly directory: string
  /** Further words for its command line. */
  readonly words: readonly string[]
}

/** Starts a dockerd that shares nothing with another one, and writes down what it will make elsewhere. */
export async function startDockerd(
  plan: Pick<LabPlan, 'directory' | 'token'>,
  { role, namespace, directory, words }: NewDockerd,
): Promise<RunningDaemon> {
  mkdirSync(directory, { recursive: true, mode: 0o711 })
  const argv = [
    'dockerd',
    `--config-file=${await writeDaemonConfig(directory)}`,
    `--host=unix://${directory}/docker.sock`,
    `--data-root=${directory}/data`,
    `--exec-root=${directory}/exec`,
    `--pidfile=${directory}/docker.pid`,
    `--cgroup-parent=fd-${plan.token}`,
    ...words,
  ]
  const shared = SHARED_DIRECTORIES.filter((path) => !existsSync(path))
  record(
    plan.directory,
    { kind: 'cgroup', name: `fd-${plan.token}` },
    ...shared.map((path): LedgerEntry => ({ kind: 'shared-directory', path })),
  )
  return startLabDaemon(plan, { role, namespace, argv, directory, logFile: `${directory}/dockerd.log` })
}

/**
 * --bip, --mtu and --ip-masq as flannel's mk-docker-opts.sh derives them from subnet.env: whoever
 * masquerades, flanneld or Docker, does it alone. Storage driver vfs: the image is one small layer,
 * and overlay mounts would be one more thing to clean.
 */
function dockerdOf(host: PlannedHost, subnet: HostSubnet): NewDockerd {
  const words = [
    '--storage-driver=vfs',
    `--bip=${formatPrefix(subnet.bridge)}`,
    `--mtu=${subnet.mtu}`,
    `--ip-masq=${!subnet.ipMasq}`,
  ]
  const { namespace } = host
  return { role: `dockerd of ${host.name}`, namespace, directory: `${host.directory}/docker`, words }
}

/** Waits until it answers. Throws LabError with its last words when it ends. */
export function untilAnswering(dockerd: RunningDaemon, bounds: WaitBounds): Promise<void> {
  return waitUntil(async () => {
    const ended = endedDaemon(dockerd)
    if (ended !== undefined) throw new LabError('failed', ended)
    const socket = `${dockerd.directory}/docker.sock`
    const answer = await askSocket(socket, { method: 'GET', path: '/_ping' }).catch(() => undefined)
    return answer?.status === 200
      ? undefined
      : `${dockerd.role} does not answer: ${lastLogLines(dockerd.logFile)}`
  }, bounds)
}

/** Starts dockerd and the host's containers. */
export async function startDockerHost(
  subject: ReadySubject & { readonly image: ContainerImage },
  host: PlannedHost,
  subnet: HostSubnet,
): Promise<DockerHost> {
  const dockerd = await startDockerd(subject.plan, dockerdOf(host, subnet))
  const socket = `${host.directory}/docker/docker.sock`
  await untilAnswering(dockerd, subject.bounds)
  await importImage(socket, subject.image.archive)
  const containers: LabContainer[] = []
  for (const container of host.containers) {
    const { pid, address } = await startContainer(socket, container.name, subject.image.command)
    await nameNamespace(subject.plan, container, pid)
    containers.push({ ...container, address })
  }
  return { socket, containers }
}

async function docker(socket: string, path: string, body?: string | Uint8Array): Promise<string> {
  const contentType = typeof body === 'string' ? 'application/json' : 'application/x-tar'
  const content = body === undefined ? {} : { body, contentType }
  const answer = await askSocket(socket, { method: 'POST', path, timeoutMs: 30_000, ...content })
  if (answer.status < 300) return answer.body
  throw new LabError('failed', `Docker refused ${path.split('?')[0]}: ${answer.body.slice(0, 300)}`)
}

async function importImage(socket: string, archive: string): Promise<void> {
  const [repo = '', tag = ''] = IMAGE.split(':')
  await docker(socket, `/images/create?fromSrc=-&repo=${repo}&tag=${tag}`, readFileSync(archive))
}

async function startContainer(
  socket: string,
  name: string,
  command: readonly string[],
): Promise<{ pid: number; address: string }> {
  const created = await docker(
    socket,
    `/containers/create?name=${name}`,
    JSON.stringify({ Image: IMAGE, Cmd: command, Hostname: name }),
  )
  const { Id: id } = JSON.parse(created) as { Id: string }
  await docker(socket, `/containers/${id}/start`)
  const { body } = await askSocket(socket, { method: 'GET', path: `/containers/${id}/json` })
  const inspected = JSON.parse(body) as { State: { Pid: number }; NetworkSettings: { IPAddress: string } }
  return { pid: inspected.State.Pid, address: inspected.NetworkSettings.IPAddress }
}
