// The subnet of a node is its podCIDR, which the controller manager (or k3s) assigns. flanneld ends without one, and
// since v0.18.0 with one outside Network; earlier versions treat it as foreign (`pkg/subnet/kube/kube.go`,
// `AcquireLease`, `containsCIDR`). Of two nodes with the same one each drops the other's events silently
// (`pkg/lease/lease.go`, `sameSubnet`).
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { overlapsOf } from '../expected/overlap.ts'
import { containsPrefix, formatPrefix, maskPrefix, parsePrefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import { flannelNamespace, hasJustJoined, type KubernetesNode, needsNetwork } from '../model/node.ts'

const STARTS = [
  { code: 'node/annotations:*', when: 'same-host' },
  { code: 'node/flanneld:*', when: 'same-host' },
  { code: 'node/network-unavailable:*', when: 'same-host' },
  { code: 'daemon/process:not-running', when: 'same-host' },
  { code: 'daemon/log:pod-cidr-refused', when: 'same-host' },
  { code: 'subnet-env/file:missing', when: 'same-host' },
  { code: 'lease/own:missing', when: 'same-host' },
] as const

/** What a podCIDR outside Network leads to. */
const OUTSIDE = [
  ...STARTS,
  { code: 'subnet-env/network:differs-from-config', when: 'anywhere' },
  { code: 'subnet-env/subnet:*', when: 'same-host' },
  { code: 'netfilter/container-masquerade:*', when: 'same-host' },
  { code: 'link/address:*', when: 'same-host' },
  { code: 'lease/peer:*', when: 'involves-host' },
  { code: 'route/peer-subnet:*', when: 'anywhere' },
  { code: 'neighbour/peer-vtep:*', when: 'anywhere' },
  { code: 'fdb/peer-vtep:*', when: 'anywhere' },
  { code: 'netfilter/masquerade:missing', when: 'same-host' },
  { code: 'netfilter/flannel-forward-rules:missing', when: 'same-host' },
  { code: 'bridge/address:wrong-subnet', when: 'same-host' },
] as const

const ELSEWHERE = OUTSIDE.map(({ code }) => ({ code, when: 'anywhere' }) as const)

const ASSIGN =
  'Let the controller manager assign them (--allocate-node-cidrs, --cluster-cidr={network}); a podCIDR cannot be changed: delete the node object, let the kubelet register it again and restart its flannel pod.'

/** What is wrong with the podCIDRs of one node. */
function misfit({ podCidr, podCidrs }: KubernetesNode, config: NetworkConfig) {
  const network = formatPrefix(maskPrefix(config.network))
  const four = podCidrs.filter((text) => parsePrefix(text) !== undefined)
  if (podCidr === undefined) {
    const observed = podCidrs.join(', ') || 'no podCIDR'
    return { code: 'missing', expected: `a part of ${network}`, observed } as const
  }
  if (four.length > 1) return { code: 'several', expected: 'one', observed: four.join(', ') } as const
  if (containsPrefix(config.network, podCidr)) return undefined
  return { code: 'outside-network', expected: network, observed: formatPrefix(podCidr) } as const
}

export const check = defineClusterCheck({
  id: 'node/pod-cidr',
  title: 'podCIDR of each node',
  backends: 'any',
  needs: ['kubernetes', 'config'],
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'node {node} has no IPv4 podCIDR: flanneld does not start there, and its pods get no network',
      fix: ASSIGN,
      explains: STARTS,
    },
    'outside-network': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'podCIDR {observed} of node {node} is outside Network {expected}: flanneld since v0.18.0 does not start there',
      fix: 'Make Network in net-conf.json the cluster CIDR of the controller manager, then restart every flannel pod: `kubectl -n {namespace} rollout restart daemonset`.',
      explains: OUTSIDE,
    },
    'none-in-network': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'the podCIDR of no node ({observed}) is inside Network {expected}, which was changed or never fitted: flanneld since v0.18.0 starts on none',
      fix: 'Make Network in net-conf.json the cluster CIDR of the controller manager, then restart every flannel pod: `kubectl -n {namespace} rollout restart daemonset`.',
      explains: ELSEWHERE,
    },
    overlapping: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'podCIDR {observed} of node {node} overlaps {other} of node {rival}: part of the addresses leads to the wrong node',
      fix: 'Delete the node object of one of them, let its kubelet register it again, remove cni0 there and restart its flannel pod; look for a second controller manager or a restored etcd.',
      explains: [
        { code: 'route/shadowed:shadowed', when: 'anywhere' },
        { code: 'route/own-subnet:ambiguous', when: 'anywhere' },
        { code: 'route/network-overlap:overlapping', when: 'anywhere' },
        { code: 'bridge/address:wrong-subnet', when: 'anywhere' },
        { code: 'bridge/container-address:*', when: 'anywhere' },
        { code: 'route/peer-subnet:*', when: 'anywhere' },
        { code: 'neighbour/peer-vtep:*', when: 'anywhere' },
        { code: 'fdb/peer-vtep:*', when: 'anywhere' },
        { code: 'lease/peer:*', when: 'anywhere' },
      ],
    },
    several: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'node {node} has several IPv4 podCIDRs ({observed}); flanneld takes one for each family',
      fix: 'Let the controller manager assign one podCIDR for each family: delete the node object and let the kubelet register it again.',
      explains: STARTS,
    },
  },
  *evaluate({ facts: { kubernetes, config }, cluster: { snapshot, now } }) {
    const { hostByNode } = clusterIdentity(snapshot)
    const network = formatPrefix(maskPrefix(config.network))
    const namespace = flannelNamespace(kubernetes)
    const about = (node: KubernetesNode) => ({
      host: hostByNode.get(node.name) ?? node.name,
      object: named('node', node.name),
      data: { node: node.name, network, namespace },
    })
    const staying = kubernetes.nodes.filter(needsNetwork)
    const misfits = staying.map((node) => ({ node, found: misfit(node, config) }))
    const isElsewhere = misfits.length > 1 && misfits.every(({ found }) => found?.code === 'outside-network')
    if (isElsewhere) {
      const observed = staying.flatMap(({ podCidrs }) => podCidrs).join(', ')
      yield { code: 'none-in-network', object: 'Network', expected: network, observed, data: { namespace } }
    }
    for (const { node, found } of misfits) {
      if (found === undefined || isElsewhere) continue
      if (found.code === 'missing' && hasJustJoined(node, now)) {
        yield { unsure: `node ${node.name} has just joined, its podCIDR may still come` }
      } else yield { ...found, ...about(node) }
    }
    for (const [first, second] of overlapsOf(staying, ({ podCidr }) => podCidr)) {
      const { data, ...place } = about(second)
      const observed = second.podCidrs.join(', ')
      const more = { other: first.podCidrs.join(', '), rival: first.name }
      yield { code: 'overlapping', ...place, observed, data: { ...data, ...more } }
    }
  },
})
