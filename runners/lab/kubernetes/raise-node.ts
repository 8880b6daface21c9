/** The nodes of a cluster as hosts of a lab: what runs on them, and flannel and pods that the cluster brings. */

import { isRunning } from '../../hosts/process-identity.ts'
import type { FlanneldBinary } from '../daemons/flanneld.ts'
import { type ReadyHost, type ReadySubject, waitForSubnet } from '../daemons/ready.ts'
import { record } from '../ledger/ledger.ts'
import type { LabPlan, PlannedHost } from '../plan/plan.ts'
import type { LabContainer } from '../running/state.ts'
import type { WaitBounds } from '../wait.ts'
import { flanneldOn, untilReady } from './flannel-pods.ts'
import { writeImages } from './images.ts'
import { addNodePods } from './lab-pods.ts'
import { startNode } from './node-daemons.ts'

/** Starts what nodes run; the hosts' mounts must be held. */
export async function startNodes(
  plan: LabPlan,
  { flanneld, bounds }: { readonly flanneld: FlanneldBinary; readonly bounds: WaitBounds },
): Promise<void> {
  record(plan.directory, { kind: 'cgroup', name: `fd-${plan.token}` })
  const images = writeImages(`${plan.directory}/images`, flanneld)
  await Promise.all(plan.hosts.map((host) => startNode(plan, host, { images, bounds })))
}

/** The node with the subnet of its flanneld, which its kubelet starts again where it has ended. */
export async function joinNode(subject: ReadySubject, host: PlannedHost): Promise<ReadyHost> {
  for (;;) {
    const flanneld = await flanneldOn(subject.plan, host, subject.bounds)
    try {
      return await waitForSubnet(subject, host, flanneld)
    } catch (error) {
      if (isRunning(flanneld.process) || performance.now() > subject.bounds.deadline) throw error
    }
  }
}

/** The node's pods, once flannel's is ready. */
export async function fillNode(
  plan: LabPlan,
  host: PlannedHost,
  bounds: WaitBounds,
): Promise<readonly LabContainer[]> {
  const [containers] = await Promise.all([addNodePods(plan, host, bounds), untilReady(plan, host, bounds)])
  return containers
}
