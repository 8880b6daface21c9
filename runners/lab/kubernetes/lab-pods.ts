/** The lab's own pods in a cluster: made by scheduler, kubelet and CNI plugins, with names for their networks. */

import { nameNamespace } from '../daemons/name-namespace.ts'
import { LabError } from '../lab-error.ts'
import type { LabPlan, PlannedContainer, PlannedHost } from '../plan/plan.ts'
import type { LabContainer } from '../running/state.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'
import { askApi } from './api-server.ts'
import { type PodObject, whyNot } from './flannel-pods.ts'
import { POD_IMAGE } from './images.ts'
import { tasksOf } from './node-daemons.ts'

const PODS = '/api/v1/namespaces/default/pods'

const podOf = (name: string, node: string) => ({
  metadata: { name, labels: { app: name } },
  spec: {
    nodeSelector: { 'kubernetes.io/hostname': node },
    terminationGracePeriodSeconds: 0,
    containers: [{ name, image: POD_IMAGE, imagePullPolicy: 'Never', command: ['sleep', '1000000000'] }],
  },
})

async function addPod(
  plan: LabPlan,
  { host, bounds }: { readonly host: PlannedHost; readonly bounds: WaitBounds },
  container: PlannedContainer,
): Promise<LabContainer> {
  const { name } = container
  // The controller manager makes the account of the namespace in its first second.
  await waitUntil(async () => {
    try {
      await askApi(plan, { method: 'POST', path: PODS, body: podOf(name, host.name) })
      return undefined
    } catch (error) {
      if (error instanceof LabError && error.message.includes('serviceaccount')) return error.message
      throw error
    }
  }, bounds)
  let pod: PodObject | undefined
  await waitUntil(async () => {
    pod = await askApi<PodObject>(plan, { method: 'GET', path: `${PODS}/${name}` })
    return pod.status.phase === 'Running' && pod.status.podIP !== undefined
      ? undefined
      : `pod ${name}: ${whyNot(pod)}`
  }, bounds)
  const id = pod?.status.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? ''
  const pid = (await tasksOf(host)).get(id)
  if (pid === undefined) throw new LabError('failed', `containerd of ${host.name} does not know pod ${name}`)
  await nameNamespace(plan, container, pid)
  return { ...container, address: pod?.status.podIP ?? '' }
}

/** Makes the host's pods. */
export function addNodePods(
  plan: LabPlan,
  host: PlannedHost,
  bounds: WaitBounds,
): Promise<readonly LabContainer[]> {
  return Promise.all(host.containers.map((container) => addPod(plan, { host, bounds }, container)))
}
