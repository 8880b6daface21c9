/** Lays a docker lab: an engine, a network with a fixed subnet, a container for etcd and one per host. */
import { mkdirSync } from 'node:fs'
import { shell } from '../../hosts/command/zx.ts'
import { LAB_VARIABLE } from '../../hosts/process-identity.ts'
import { type RunningDaemon, startLabDaemon } from '../daemons/daemon.ts'
import { etcdArgv } from '../daemons/etcd.ts'
import { LabError } from '../lab-error.ts'
import { record } from '../ledger/ledger.ts'
import { placePrefix } from '../place.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'
import type { WaitBounds } from '../wait.ts'
import { type LabEngine, makeNetwork, pullImage, startContainer } from './containers.ts'
import { runningEngine, startEngine } from './engine.ts'
import { hasImage, ownImage } from './image.ts'
import { freeSubnet, placeInEngine } from './placement.ts'

/** What a docker lab is laid with. */
export interface Laying {
  /** Path of flanneld. */
  readonly flanneld: string
  readonly bounds: WaitBounds
  readonly log: (line: string) => void
}

/** Where etcd keeps its data: in memory. */
const ETCD_DATA = '/var/lib/etcd-lab'
/** Does nothing forever, and takes in what loses its parent: a first process has to. */
const IDLE = ['sh', '-c', 'while :; do sleep 3600 & wait "$!"; done']
/** A command in a container takes a tenth of a second, on a busy machine seconds. */
const INSIDE_MS = 60_000
const TUN = '/dev/net/tun'

/** The engine of a lab. Where it is not the lab's own, what is made there is written down first. */
async function engineOf(plan: LabPlan, { bounds, log }: Laying): Promise<string> {
  const running = await runningEngine(process.env.DOCKER_HOST)
  if (running !== undefined) {
    record(plan.directory, { kind: 'engine', socket: running })
    return running
  }
  log('no Docker engine runs: starting one for this lab')
  return startEngine(plan, bounds)
}

async function imageOf(plan: LabPlan, socket: string, flanneld: string): Promise<string> {
  if (plan.image === undefined) return ownImage(socket, `${plan.directory}/image`, flanneld)
  if (!(await hasImage(socket, plan.image))) await pullImage(socket, plan.image)
  return plan.image
}

/** etcd is no first process of its container, so that it can be stopped and started with its data kept. */
async function startEtcdContainer(plan: LabPlan, engine: LabEngine, image: string): Promise<RunningDaemon> {
  const directory = `${plan.directory}/etcd`
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  await startContainer(engine, {
    name: plan.engine?.container ?? '',
    hostname: 'etcd',
    image,
    command: IDLE,
    address: plan.endpoint.replace(/^.*\/\/|:\d+$/g, ''),
    directory,
    files: [],
    inMemory: [ETCD_DATA],
    environment: { [LAB_VARIABLE]: plan.token },
    devices: [],
  })
  const argv = etcdArgv(plan, ETCD_DATA)
  const logFile = `${directory}/etcd.log`
  return startLabDaemon(plan, { role: 'etcd', namespace: '', engine: plan.engine, argv, directory, logFile })
}

/** What every host container of a lab is made with. */
interface HostParts {
  readonly engine: LabEngine
  readonly image: string
  /** Path of flanneld. */
  readonly flanneld: string
}

/** flanneld is seen under the path it has here, so that it is started alike in every kind of lab. */
export async function startHostContainer(
  plan: Pick<LabPlan, 'token' | 'backend'>,
  host: PlannedHost,
  { engine, image, flanneld }: HostParts,
): Promise<void> {
  mkdirSync(host.directory, { recursive: true, mode: 0o755 })
  await startContainer(engine, {
    name: host.engine?.container ?? '',
    hostname: host.name,
    image,
    command: IDLE,
    address: host.address,
    directory: host.directory,
    files: [flanneld],
    inMemory: [],
    environment: { [LAB_VARIABLE]: plan.token },
    devices: plan.backend === 'udp' ? [TUN] : [],
  })
  await layInside(host)
}

/** Docker mounts /proc/sys read only; its networks are named as on any other host. */
async function layInside(host: PlannedHost): Promise<void> {
  const names = host.containers.map(({ namespace }) => namespace)
  const script = 'mount -o remount,rw /proc/sys; mkdir -p /run/netns; for n; do ip netns add "$n"; done'
  const { ok, stderr } = await shell({
    timeoutMs: INSIDE_MS,
  })`${placePrefix(host)} sh -e -c ${script} sh ${names}`
  if (!ok) throw new LabError('failed', `cannot set ${host.name} up: ${stderr.trim().split('\n')[0]}`)
}

/** All of them ended, then the first failure: what is being made must not outlive its removal. */
async function allEnded<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

/**
 * Lays it and gives the plan with the places its parts have, and its etcd. Throws LabError when there is no
 * engine, no image or no room.
 */
export async function layDockerLab(
  asked: LabPlan,
  laying: Laying,
): Promise<{ readonly plan: LabPlan; readonly etcd: RunningDaemon }> {
  const socket = await engineOf(asked, laying)
  const prefix = await freeSubnet(socket)
  const plan = placeInEngine(asked, socket, prefix)
  const { flanneld } = laying
  const image = await imageOf(plan, socket, flanneld)
  const engine: LabEngine = { socket, token: plan.token, network: `fd-${plan.token}` }
  await makeNetwork(engine, `${prefix}.0/24`)
  const parts = { engine, image, flanneld }
  const hosts = allEnded(plan.hosts.map((host) => startHostContainer(plan, host, parts)))
  const etcd = startEtcdContainer(plan, engine, image)
  await Promise.allSettled([etcd, hosts])
  await hosts
  return { plan, etcd: await etcd }
}
