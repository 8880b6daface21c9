/** Brings a lab up: real etcd, real flanneld on every host, containers; ready when everything is programmed. */
import { present } from '../../../checks/model/present.ts'
import { holdingFile } from '../../hosts/command/held-file.ts'
import { makeImage } from '../daemons/container-image.ts'
import type { RunningDaemon } from '../daemons/daemon.ts'
import { startEtcd, waitForEtcd } from '../daemons/etcd.ts'
import { checkKernel, type FlanneldBinary, findFlanneld } from '../daemons/flanneld.ts'
import { type ReadySubject, waitForPeers } from '../daemons/ready.ts'
import { type LabCertificates, makeCertificates } from '../daemons/tls.ts'
import { LabError } from '../lab-error.ts'
import { ledgerFile, openLedger, record } from '../ledger/ledger.ts'
import { layHosts, laySwitch } from '../network/topology.ts'
import { type LabOptions, type LabPlan, planLab } from '../plan/plan.ts'
import { writeInventory } from '../running/inventory.ts'
import { type LabState, writeState } from '../running/state.ts'
import type { WaitBounds } from '../wait.ts'
import { removeLab, sweep } from './down.ts'
import { checkMachine } from './machine.ts'
import { ensureKubernetes, prepareDatastore } from './prepare-datastore.ts'
import { raiseHost } from './raise-host.ts'
import { runCommands } from './variant-steps.ts'

/** A lab of three hosts takes about a second; with three dockerd about four; of many hosts each takes its time. */
const DEADLINE_MS = { bridge: 30_000, real: 90_000, perHost: 1000 }
/** The first docker lab of a machine starts an engine and makes an image; an API server on a busy machine takes its time. */
const SLOW_LAB_MS = 180_000
/** Three kubelets with what they run take half a minute of both processors of a machine that does nothing else. */
const CLUSTER_MS = 600_000

function patienceOf({ lab, kubernetes, cluster, docker, hosts }: LabPlan): number {
  if (cluster) return CLUSTER_MS
  const usual = lab === 'docker' || kubernetes ? SLOW_LAB_MS : DEADLINE_MS[docker]
  return usual + hosts.length * DEADLINE_MS.perHost
}

/**
 * Brings a lab up and leaves it running when this process ends, until `labDown`.
 * Throws LabError, with nothing left behind, when it cannot be brought up.
 */
export function labUp(options: LabOptions = {}): Promise<LabState> {
  return raiseLab(options, false)
}

/** Runs `use` in a lab of its own, which is removed however it ends. */
export async function withLab<T>(options: LabOptions, use: (lab: LabState) => Promise<T>): Promise<T> {
  const lab = await raiseLab(options, true)
  try {
    return await use(lab)
  } finally {
    await removeLab(lab.directory)
  }
}

/** What others left must not keep a new lab from coming up; the next sweep tries again. */
async function sweepQuietly(log: (line: string) => void): Promise<void> {
  try {
    await sweep()
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    log(`left for the next sweep: ${error.message}`)
  }
}

async function raiseLab(options: LabOptions, ephemeral: boolean): Promise<LabState> {
  const plan = planLab(options)
  const log = options.log ?? (() => {})
  await checkMachine(plan, options)
  await sweepQuietly(log)
  const flanneld = await findFlanneld(options.flanneld, plan.kubernetes ? 'kubernetes' : plan.etcdApi, log)
  await ensureKubernetes(plan, { flanneld, log })
  await checkKernel(plan, flanneld.version)
  const startedAt = performance.now()
  const bounds: WaitBounds = { deadline: startedAt + patienceOf(plan), signal: options.signal }
  openLedger({ name: plan.name, token: plan.token, ephemeral })
  try {
    log(
      `lab ${plan.name}: ${plan.hosts.length} hosts, ${plan.backend}, ${plan.kubernetes ? 'Kubernetes' : `etcd ${plan.etcdApi}`}, flanneld ${flanneld.version}`,
    )
    const build = () => buildLab(plan, { flanneld, bounds, startedAt, log })
    const state = await holdingFile(ledgerFile(plan.directory), build)
    record(plan.directory, { kind: 'ready' })
    log(`lab ${plan.name}: ready after ${(state.readyMs / 1000).toFixed(2)} s`)
    return state
  } catch (error) {
    await removeLab(plan.directory)
    throw error
  }
}

interface Making {
  readonly flanneld: FlanneldBinary
  readonly bounds: WaitBounds
  readonly startedAt: number
  readonly log: (line: string) => void
}

interface Laid {
  /** With the places that its parts have. */
  readonly plan: LabPlan
  readonly etcd: RunningDaemon
}

/** Lays wires, hosts and etcd. */
async function layLab(plan: LabPlan, tls: LabCertificates | undefined, making: Making): Promise<Laid> {
  if (plan.lab === 'docker') {
    const { layDockerLab } = await import('../docker/lay.ts')
    return layDockerLab(plan, { ...making, flanneld: making.flanneld.path })
  }
  await laySwitch(plan)
  const [etcd] = await settle([startEtcd(plan, tls), layHosts(plan)])
  return { plan, etcd }
}

async function buildLab(asked: LabPlan, making: Making): Promise<LabState> {
  const { flanneld, bounds, startedAt } = making
  const image = asked.docker === 'real' ? await makeImage(`${asked.directory}/image`) : undefined
  const tls = asked.tls ? await makeCertificates(`${asked.directory}/tls`) : undefined
  const laid = await layLab(asked, tls, making)
  await waitForEtcd(laid.plan, laid.etcd, bounds)
  const datastore = await prepareDatastore(laid.plan, { flanneld, bounds })
  const { plan, kubernetes, ...opened } = datastore
  const subject: ReadySubject = { plan, version: flanneld.version, bounds, readLeases: opened.readLeases }
  await runCommands(plan, plan.before)
  const parts = { path: flanneld.path, tls, image, cniFiles: opened.cniFiles, kubeconfig: opened.kubeconfig }
  const raised = await settle(plan.hosts.map((host) => raiseHost(subject, host, parts)))
  await waitForPeers(subject, raised)
  const state: LabState = {
    name: plan.name,
    token: plan.token,
    directory: plan.directory,
    inventory: `${plan.directory}/inventory.yaml`,
    backend: plan.backend,
    config: plan.config,
    etcdApi: plan.etcdApi,
    ...present({ kubernetes }),
    endpoint: plan.endpoint,
    prefix: plan.prefix,
    ...(tls === undefined ? {} : { tls: { ca: tls.ca, cert: tls.cert, key: tls.key } }),
    docker: plan.docker,
    flanneld,
    switchNamespace: plan.switchNamespace,
    ...present({ engine: plan.engine }),
    hosts: raised.map(({ state: host }) => host),
    readyMs: performance.now() - startedAt,
  }
  writeInventory(state)
  writeState(state)
  return state
}

/** All of them, or the first failure, but only when none is at work any more: what is being made must not outlive its removal. */
async function settle<T extends readonly unknown[]>(work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(work)
  return Promise.all(work) as unknown as Promise<T>
}
