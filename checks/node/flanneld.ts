// A node gets its routes and its subnet.env from the flannel pod on it; a taint that the DaemonSet does not tolerate, a
// node selector or an image that cannot be pulled leaves it without one (kube-flannel.yml). The other way round a flanneld
// whose node object is gone goes on with a subnet that Kubernetes gives to the next node. k3s runs flannel in its own
// process: it has no such pod.
import type { Draft, Unsure } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { named } from '../model/named.ts'
import { embedsFlannel, hasJustJoined, type KubernetesStatus, needsNetwork } from '../model/node.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import type { ClusterContext } from '../view.ts'

/** Nodes on which a pod of a flannel DaemonSet runs. */
function servedNodes({ daemonSets = [], pods = [] }: KubernetesStatus): ReadonlySet<string> {
  const own = pods.filter(({ namespace, name, phase }) =>
    daemonSets.some((set) => {
      return set.namespace === namespace && name.startsWith(`${set.name}-`) && phase === 'Running'
    }),
  )
  return new Set(own.flatMap(({ node }) => node ?? []))
}

/** Hosts on which a flanneld of Kubernetes runs. */
function runsFlanneld({ hosts }: ClusterSnapshot, host: HostName): boolean {
  const flanneld = hosts.get(host)?.facts.flanneld
  const process = flanneld?.known ? flanneldFor(flanneld.value, undefined) : undefined
  return process !== undefined && flanneldOptions(process).kubeSubnetMgr
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
      says: 'no pod of {sets} runs on node {node}: it follows no other node, and without subnet.env its pods get no network',
      fix: '`kubectl -n {namespace} get pods -o wide` and `kubectl describe` say why: a taint that is not tolerated, a node selector, an image that cannot be pulled.',
      explains: [
        { code: 'node/annotations:missing', when: 'same-host' },
        { code: 'node/network-unavailable:*', when: 'same-host' },
        { code: 'daemon/process:not-running', when: 'same-host' },
        { code: 'subnet-env/file:missing', when: 'same-host' },
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

/** Nodes without a flannel pod. */
function* unserved(
  kubernetes: KubernetesStatus,
  { snapshot, now }: ClusterContext,
): Generator<Draft<'missing' | 'without-node'> | Unsure> {
  const { nodes, pods, daemonSets: sets } = kubernetes
  if (pods === undefined || sets === undefined) {
    const why = 'pods or daemonsets could not be listed'
    return yield { unsure: `which nodes have a flannel pod is not known: ${why}` }
  }
  // Without a DaemonSet flanneld is a service of the hosts, or runs inside k3s.
  if (sets.length === 0) return
  const served = servedNodes(kubernetes)
  const data = {
    sets: sets.map(({ namespace, name }) => `${namespace}/${name}`).join(', '),
    namespace: sets[0]?.namespace ?? '',
  }
  const { hostByNode } = clusterIdentity(snapshot)
  const own = nodes.filter((node) => needsNetwork(node) && !served.has(node.name) && !embedsFlannel(node))
  for (const node of own) {
    const { name } = node
    const host = hostByNode.get(name) ?? name
    if (runsFlanneld(snapshot, host)) continue
    if (hasJustJoined(node, now)) {
      yield { unsure: `node ${name} has just joined, its flannel pod may still come` }
      continue
    }
    const place = { host, object: named('node', name), observed: 'no running pod' }
    yield { code: 'missing', ...place, data: { ...data, node: name } }
  }
}
