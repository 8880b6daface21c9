/**
 * Which node of the cluster a host is. flanneld asks in this order: NODE_NAME, then the node of its pod (flannel
 * `pkg/subnet/kube/kube.go`, `NewSubnetManager`). Where neither is known, as with k3s, the node's own address tells,
 * and last its name.
 */
import { parseAddress } from '../model/address.ts'
import type { KubernetesNode, KubernetesStatus } from '../model/node.ts'
import type { HostName } from '../model/snapshot.ts'
import type { ObservedHost } from './observed-host.ts'

interface Names {
  readonly nodes: ReadonlyMap<string, KubernetesNode>
  readonly nodeOfPod: ReadonlyMap<string, string>
  readonly byAddress: ReadonlyMap<number, KubernetesNode>
}

function namesOf({ nodes, pods = [] }: KubernetesStatus): Names {
  const byAddress = new Map<number, KubernetesNode>()
  const twice = new Set<number>()
  for (const node of nodes) {
    for (const address of node.internalIps.map(parseAddress)) {
      if (address === undefined) continue
      if (byAddress.has(address)) twice.add(address)
      byAddress.set(address, node)
    }
  }
  // Machines made alike have the address of their NAT in common.
  for (const address of twice) byAddress.delete(address)
  return {
    nodes: new Map(nodes.map((node) => [node.name, node])),
    nodeOfPod: new Map(
      pods.flatMap(({ namespace, name, node }) => (node ? [[`${namespace}/${name}`, node]] : [])),
    ),
    byAddress,
  }
}

function nodeOf(name: HostName, host: ObservedHost, names: Names): KubernetesNode | undefined {
  const { NODE_NAME: told, POD_NAMESPACE, POD_NAME } = host.flanneld?.environment ?? {}
  const called = told || names.nodeOfPod.get(`${POD_NAMESPACE}/${POD_NAME}`)
  if (called !== undefined) return names.nodes.get(called)
  for (const { prefix } of host.addresses) {
    const node = prefix && names.byAddress.get(prefix.address)
    if (node) return node
  }
  return names.nodes.get(name)
}

/** The node of every host that is one. */
export function nodesOfHosts(
  kubernetes: KubernetesStatus,
  observed: ReadonlyMap<HostName, ObservedHost>,
): ReadonlyMap<HostName, KubernetesNode> {
  const names = namesOf(kubernetes)
  const found = new Map<HostName, KubernetesNode>()
  for (const [name, host] of observed) {
    const node = nodeOf(name, host, names)
    if (node) found.set(name, node)
  }
  return found
}
