/** Makes a cluster of a lab: API server, nodes, what flannel's manifest brings, and hosts with files of their own. */
import { mkdirSync } from 'node:fs'
import type { FlanneldBinary } from '../daemons/flanneld.ts'
import type { LabPlan } from '../plan/plan.ts'
import type { WaitBounds } from '../wait.ts'
import { startApiServer } from './api-server.ts'
import { type AppliedManifest, applyManifest } from './manifest.ts'
import { withMounts } from './mount-space.ts'
import { writeNodes } from './nodes.ts'
import { layNodeFiles, layPlugins } from './pods.ts'

/** What the hosts of a cluster need further on. */
export interface RaisedCluster extends AppliedManifest {
  /** With the hosts' mounts. */
  readonly plan: LabPlan
}

/** What an init container of flannel's pod brings. */
const INSTALLED_BY_POD = ['flannel']

/** Etcd must have a leader, and the hosts must be laid. */
export async function raiseCluster(
  plan: LabPlan,
  { flanneld, bounds }: { readonly flanneld: FlanneldBinary; readonly bounds: WaitBounds },
): Promise<RaisedCluster> {
  await startApiServer(plan, bounds)
  const cluster = plan.cluster ? await import('./raise-node.ts') : undefined
  const nodes = cluster === undefined ? writeNodes : (await import('./controllers.ts')).startControllers
  const [manifest] = await Promise.all([applyManifest(plan, flanneld.version), nodes(plan)])
  for (const { directory, root } of plan.hosts) {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    if (root === undefined) continue
    layPlugins(root, plan.cluster ? INSTALLED_BY_POD : [])
    if (!plan.cluster) layNodeFiles(root, manifest.files)
  }
  const raised = { ...plan, hosts: await withMounts(plan, bounds) }
  await cluster?.startNodes(raised, { flanneld, bounds })
  return { ...manifest, plan: raised }
}
