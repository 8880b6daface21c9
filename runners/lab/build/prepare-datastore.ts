/** What flanneld finds in the datastore when it starts: configuration and leases in etcd, or a Kubernetes cluster. */
import { type LabLease, readLeases, writeConfig } from '../daemons/etcd.ts'
import type { FlanneldBinary } from '../daemons/flanneld.ts'
import { writeHostLeases } from '../daemons/host-leases.ts'
import { writeFakePeers } from '../faults/fake-peers.ts'
import { LabError } from '../lab-error.ts'
import type { LabPlan } from '../plan/plan.ts'
import type { LabState } from '../running/state.ts'
import type { WaitBounds } from '../wait.ts'

/** Files of flannel's ConfigMap by name. */
export type CniFiles = Readonly<Record<string, string>>

/** What the hosts need of it. */
export interface PreparedDatastore {
  /** In a Kubernetes lab with the mounts of its hosts. */
  readonly plan: LabPlan
  readonly kubernetes?: LabState['kubernetes']
  /** Opens the API to flanneld. */
  readonly kubeconfig?: string
  readonly cniFiles?: CniFiles
  readonly readLeases: (plan: LabPlan) => Promise<readonly LabLease[]>
}

/** Builds what such a lab needs where it is not there. Throws LabError where it cannot be built. */
export async function ensureKubernetes(
  { kubernetes, cluster }: LabPlan,
  { flanneld, log }: { readonly flanneld: FlanneldBinary; readonly log: (line: string) => void },
): Promise<void> {
  if (!kubernetes) return
  const { installKubernetes } = await import('../../setup/kubernetes.js')
  try {
    await installKubernetes({ cluster, log })
    if (cluster) await (await import('../kubernetes/images.ts')).installConfOf(flanneld.version)
  } catch (error) {
    throw new LabError('missing', `a Kubernetes lab cannot be built: ${(error as Error).message}`)
  }
}

/** Writes it. etcd must have a leader. */
export async function prepareDatastore(
  plan: LabPlan,
  making: { readonly flanneld: FlanneldBinary; readonly bounds: WaitBounds },
): Promise<PreparedDatastore> {
  if (plan.kubernetes) {
    const { raiseCluster } = await import('../kubernetes/raise.ts')
    const { KUBERNETES_VERSION: version } = await import('../../setup/kubernetes.js')
    const { adminKubeconfig } = await import('../kubernetes/api-server.ts')
    const { readNodeLeases } = await import('../kubernetes/nodes.ts')
    const raised = await raiseCluster(plan, making)
    const kubernetes = {
      version,
      kubeconfig: adminKubeconfig(plan),
      ...(plan.cluster && { cluster: true as const }),
    }
    return {
      plan: raised.plan,
      kubernetes,
      kubeconfig: raised.kubeconfig,
      cniFiles: raised.files,
      readLeases: readNodeLeases,
    }
  }
  await writeConfig(plan)
  await writeFakePeers(plan)
  await writeHostLeases(plan)
  return { plan, readLeases }
}
