/** Makes a cluster of a lab: API server, nodes, what flannel's manifest brings, and hosts with files of their own. */
import { mkdirSync } from 'node:fs'
import type { LabPlan } from '../plan/plan.ts'
import type { WaitBounds } from '../wait.ts'
import { startApiServer } from './api-server.ts'
import { type AppliedManifest, applyManifest } from './manifest.ts'
import { withMounts } from './mount-space.ts'
import { writeNodes } from './nodes.ts'
import { layNodeFiles } from './pods.ts'

/** What the hosts of a cluster need further on. */
export interface RaisedCluster extends AppliedManifest {
  /** With the hosts' mounts. */
  readonly plan: LabPlan
}

/** Etcd must have a leader, and the hosts must be laid. */
export async function raiseCluster(
  plan: LabPlan,
  { version, bounds }: { readonly version: string; readonly bounds: WaitBounds },
): Promise<RaisedCluster> {
  await startApiServer(plan, bounds)
  const [manifest] = await Promise.all([applyManifest(plan, version), writeNodes(plan)])
  for (const { directory, root } of plan.hosts) {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    if (root !== undefined) layNodeFiles(root, manifest.files)
  }
  return { ...manifest, plan: { ...plan, hosts: await withMounts(plan, bounds) } }
}
