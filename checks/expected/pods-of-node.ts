/** The pods of a node whose addresses flannel carries. */
import { containsAddress, parseAddress } from '../model/address.ts'
import type { KubernetesNode, KubernetesStatus } from '../model/node.ts'

/** A pod and its address of the node's podCIDR, as written. */
export interface PodAddress {
  /** `namespace/name`. */
  readonly name: string
  readonly address: string
}

/** Pods that run on the node, stay, and have an address of its podCIDR; none where pods could not be listed. */
export function podsOfNode(
  { pods = [] }: KubernetesStatus,
  { name: node, podCidr }: KubernetesNode,
): readonly PodAddress[] {
  if (podCidr === undefined) return []
  const isOfOverlay = (ip: string): boolean => {
    const address = parseAddress(ip)
    return address !== undefined && containsAddress(podCidr, address)
  }
  return pods.flatMap((pod) => {
    if (pod.node !== node || pod.phase !== 'Running' || pod.isLeaving || pod.usesHostNetwork) return []
    const address = pod.ips.find(isOfOverlay)
    return address === undefined ? [] : [{ name: `${pod.namespace}/${pod.name}`, address }]
  })
}
