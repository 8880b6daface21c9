// A node gets its routes and its subnet.env from the flannel pod on it; a taint that the DaemonSet does not tolerate, a
// node selector, an image that cannot be pulled or a flanneld that ends leaves it without one (kube-flannel.yml). A pod
// is Running for Kubernetes while its container waits to be started again, and one without hostNetwork writes links and
// routes that no node uses, and publishes an address of its own. The other way round a flanneld whose node object is gone
// goes on with a subnet that Kubernetes gives to the next node. k3s runs flannel in its own process: it has no such pod.
import type { Draft, Unsure } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { type FlannelPod, flannelPods, haltedFlanneld, servesNode, stateText } from '../model/flannel-pod.ts'
import { named } from '../model/named.ts'
import {
  embedsFlannel,
  flannelNamespace,
  hasJustJoined,
  type KubernetesNode,
  type KubernetesStatus,
  needsNetwork,
} from '../model/node.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import type { ClusterContext } from '../view.ts'

type Code = 'missing' | 'own-network' | 'without-node'

const OF_PODS = { host: '', section: 'kubernetes', command: 'kubectl get pods -A -o wide' } as const

/** Hosts on which a flanneld of Kubernetes runs. */
function runsFlanneld({ hosts }: ClusterSnapshot, host: HostName): boolean {
  const flanneld = hosts.get(host)?.facts.flanneld
  const process = flanneld?.known ? flanneldFor(flanneld.value, undefined) : undefined
  return process !== undefined && flanneldOptions(process).kubeSubnetMgr
}

/** Why a DaemonSet may have made no pod for a node. */
function unmadeText({ daemonSets: sets = [], nodes }: KubernetesStatus): string {
  const wanted = sets.map(({ desired, nodeSelector }) => {
    const selector = nodeSelector === undefined ? '' : ` with label ${nodeSelector}`
    return `it wants ${desired} for ${nodes.length} nodes${selector}`
  })
  return `no pod; ${wanted.join(', ')}`
}

export const check = defineClusterCheck({
  id: 'node/flanneld',
  title: 'flanneld on each node',
  backends: 'any',
  needs: ['kubernetes'],
  findings: {
    missing: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'likely',
      says: 'no flanneld of {sets} runs on node {node} ({observed}): it follows no other node, and without subnet.env its pods get no network',
      fix: '`kubectl -n {namespace} describe daemonset` says why it makes no pod there: a node selector, a taint that is not tolerated.',
      explains: [
        { code: 'node/annotations:missing', when: 'same-host' },
        { code: 'node/network-unavailable:*', when: 'same-host' },
        { code: 'daemon/process:not-running', when: 'same-host' },
        { code: 'subnet-env/file:missing', when: 'same-host' },
      ],
    },
    'own-network': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'the flannel pod {pod} of node {node} has a network of its own: what flanneld writes there reaches no packet of the node, and its peers are told an address that is none of the node',
      fix: 'Write `hostNetwork: true` into the pods of DaemonSet {sets}, as the manifest of flannel has it: each flanneld then publishes the address of its node again.',
      explains: [
        { code: 'daemon/process:not-running', when: 'same-host' },
        { code: 'node/public-ip:*', when: 'same-host' },
        { code: 'underlay/public-ip:*', when: 'same-host' },
        { code: 'lease/public-ip:*', when: 'anywhere' },
        { code: 'link/mac:*', when: 'same-host' },
        { code: 'underlay/network-overlap:*', when: 'anywhere' },
        { code: 'neighbour/peer-vtep:*', when: 'involves-host' },
        { code: 'fdb/peer-vtep:*', when: 'involves-host' },
        { code: 'route/peer-subnet:*', when: 'involves-host' },
        { code: 'bridge/container-gateway:by-other-network', when: 'same-host' },
        { code: 'subnet-env/*', when: 'same-host' },
      ],
    },
    'without-node': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'flanneld runs on {host}, but Kubernetes has no node for it: its subnet may be given to another node',
      fix: 'Restart the kubelet of {host}, which registers the node, and then flanneld; where the node was removed for good, stop flanneld there.',
      explains: [
        { code: 'lease/own:*', when: 'same-host' },
        { code: 'lease/peer:*', when: 'involves-host' },
        { code: 'route/stale-subnet:*', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts: { kubernetes }, cluster }) {
    const { snapshot } = cluster
    const { nodeByHost, observed } = clusterIdentity(snapshot)
    for (const host of observed.keys()) {
      if (nodeByHost.has(host) || !runsFlanneld(snapshot, host)) continue
      yield { code: 'without-node', host, object: 'flanneld', observed: 'no node', data: { host } }
    }
    yield* unserved(kubernetes, cluster)
  },
})

/** What is wrong with the pods of a node of which none serves it. */
function draft({ name: node }: KubernetesNode, pods: readonly FlannelPod[], status: KubernetesStatus) {
  const found = fault(pods, status)
  const sets = status.daemonSets?.map(({ namespace, name }) => `${namespace}/${name}`).join(', ') ?? ''
  const evidence = [{ source: OF_PODS, excerpt: `${node}: ${found.observed}`, derived: true }] as const
  return { ...found, evidence, data: { sets, namespace: flannelNamespace(status), ...found.data, node } }
}

function fault(pods: readonly FlannelPod[], status: KubernetesStatus) {
  const [one] = pods
  if (one === undefined) return { code: 'missing', observed: unmadeText(status), data: {} } as const
  const apart = pods.find(({ pod }) => pod.phase === 'Running' && !pod.usesHostNetwork)
  const { pod, set } = apart ?? one
  const of = { pod: pod.name, sets: `${set.namespace}/${set.name}`, namespace: set.namespace }
  if (apart !== undefined)
    return { code: 'own-network', observed: pod.ips.join(', '), expected: 'hostNetwork', data: of } as const
  const halted = haltedFlanneld(one)
  const describe = '`kubectl -n {namespace} describe pod {pod}` says why it does not run'
  const said = ', `kubectl -n {namespace} logs --previous {pod} -c {container}` what it said last'
  const data = halted === undefined ? of : { ...of, container: halted.name }
  return {
    code: 'missing',
    observed: stateText(one),
    fix: `${describe}${halted === undefined ? '' : said}.`,
    data,
  } as const
}

/** Nodes that no flannel pod serves. */
function* unserved(
  kubernetes: KubernetesStatus,
  { snapshot, now }: ClusterContext,
): Generator<Draft<Code> | Unsure> {
  const { pods, daemonSets: sets } = kubernetes
  if (pods === undefined || sets === undefined) {
    const why = 'pods or daemonsets could not be listed'
    return yield { unsure: `which nodes have a flannel pod is not known: ${why}` }
  }
  // Without a DaemonSet flanneld is a service of the hosts, or runs inside k3s.
  if (sets.length === 0) return
  const own = flannelPods(kubernetes)
  const { hostByNode } = clusterIdentity(snapshot)
  for (const node of unservedNodes(kubernetes, own)) {
    const { name } = node
    const host = hostByNode.get(name) ?? name
    if (runsFlanneld(snapshot, host)) continue
    if (hasJustJoined(node, now))
      yield { unsure: `node ${name} has just joined, its flannel pod may still come` }
    else yield { ...draft(node, own.get(name) ?? [], kubernetes), host, object: named('node', name) }
  }
}

/** Nodes that need a pod of flannel and have none that serves them. */
function unservedNodes({ nodes }: KubernetesStatus, own: ReturnType<typeof flannelPods>) {
  return nodes.filter(
    (node) => needsNetwork(node) && !embedsFlannel(node) && own.get(node.name)?.some(servesNode) !== true,
  )
}
