/** flannel's own pods in a cluster: where the flanneld of a node is, and when its pod is ready. */
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { commandWords, identify, processesIn } from '../../hosts/process-identity.ts'
import type { RunningDaemon } from '../daemons/daemon.ts'
import { record } from '../ledger/ledger.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'
import { askApi, type WithApi } from './api-server.ts'

/** A pod as far as it is read here. */
export interface PodObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string }
  readonly spec: { readonly nodeName?: string }
  readonly status: {
    readonly phase?: string
    readonly podIP?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly {
      readonly containerID?: string
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } }
    }[]
  }
}

async function podsOf(lab: WithApi, path: string): Promise<readonly PodObject[]> {
  return (await askApi<{ items: PodObject[] }>(lab, { method: 'GET', path })).items
}

const isReady = ({ status }: PodObject): boolean =>
  status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true

/** What keeps a pod from running, in the words of its kubelet. */
export function whyNot({ status }: PodObject): string {
  const waiting = status.containerStatuses?.find(({ state }) => state?.waiting !== undefined)?.state?.waiting
  return [status.phase, waiting?.reason, waiting?.message].filter((one) => one !== undefined).join(': ')
}

const FLANNEL_PODS = '/api/v1/pods?labelSelector=app%3Dflannel&fieldSelector=spec.nodeName%3D'

async function flannelPodOn(plan: LabPlan, host: PlannedHost): Promise<PodObject | undefined> {
  return (await podsOf(plan, `${FLANNEL_PODS}${host.name}`))[0]
}

/** Where kubelets have the standard error of a pod's containers, one file for each start. */
function logOf({ root }: PlannedHost, { metadata }: PodObject): string | undefined {
  const folder = `${root}/var/log/pods/${metadata.namespace}_${metadata.name}_${metadata.uid}/kube-flannel`
  try {
    const newest = readdirSync(folder).toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))[0]
    return newest === undefined ? undefined : `${folder}/${newest}`
  } catch {
    return undefined // no container of it has started yet
  }
}

/** flanneld of a node as a daemon of the lab that somebody else has started. */
export async function flanneldOn(
  plan: LabPlan,
  host: PlannedHost,
  bounds: WaitBounds,
): Promise<RunningDaemon> {
  let found: RunningDaemon | undefined
  const role = `flanneld of ${host.name}`
  await waitUntil(async () => {
    const pod = await flannelPodOn(plan, host)
    if (pod === undefined) return `no pod of flannel on ${host.name}`
    const logFile = logOf(host, pod)
    const pid = processesIn(host.namespace).find(
      (one) => basename(commandWords(one)?.[0] ?? '') === 'flanneld',
    )
    const process = pid === undefined ? undefined : identify(pid)
    if (logFile === undefined || process === undefined) return `flannel's pod on ${host.name}: ${whyNot(pod)}`
    found = {
      role,
      namespace: host.namespace,
      mounts: host.mounts,
      argv: commandWords(process.pid) ?? [],
      directory: host.directory,
      logFile,
      process,
    }
    return undefined
  }, bounds)
  const daemon = found as RunningDaemon
  record(plan.directory, { kind: 'process', role, process: daemon.process })
  return daemon
}

/** Waits until the node's kubelet calls flannel's pod ready: ten seconds are the period of its probe. */
export function untilReady(plan: LabPlan, host: PlannedHost, bounds: WaitBounds): Promise<void> {
  return waitUntil(async () => {
    const pod = await flannelPodOn(plan, host)
    return pod !== undefined && isReady(pod) ? undefined : `flannel's pod on ${host.name} is not ready`
  }, bounds)
}
