/** Which cluster the hosts are in that are reached by kubectl. */
import { present } from '../../checks/model/present.ts'
import type { HostTarget } from './inventory.ts'
import type { KubernetesTarget } from './kubernetes-target.ts'

/** kubectl:// hosts with the cluster that the leases are in. */
export function withCluster(
  hosts: readonly HostTarget[],
  { kubeconfig, context }: KubernetesTarget = {},
): readonly HostTarget[] {
  const kubectl = present({ kubeconfig, context })
  return hosts.map((host) => (host.via.startsWith('kubectl://') ? { ...host, kubectl } : host))
}
