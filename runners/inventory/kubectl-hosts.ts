/** Which cluster the hosts are in that are reached by kubectl. */
import { present } from '../../checks/model/present.ts'
import { parseHostUrl } from '../hosts/host-url.ts'
import { netnsPrefix } from '../hosts/netns.ts'
import type { HostTarget } from './inventory.ts'
import type { KubernetesTarget } from './kubernetes-target.ts'

/** kubectl runs on this machine: of `via` only its network counts. */
function prefixOf(via: string): readonly string[] | undefined {
  const url = parseHostUrl(via)
  return url.kind === 'netns' ? netnsPrefix(url.namespace, url.mounts) : undefined
}

/** kubectl:// hosts with the cluster that the leases are in. */
export function withCluster(
  hosts: readonly HostTarget[],
  { kubeconfig, context, via }: KubernetesTarget = {},
): readonly HostTarget[] {
  const prefix = via === undefined ? undefined : prefixOf(via)
  const kubectl = present({ kubeconfig, context, prefix })
  return hosts.map((host) => (host.via.startsWith('kubectl://') ? { ...host, kubectl } : host))
}
