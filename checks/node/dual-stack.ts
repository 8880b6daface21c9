// With EnableIPv6 flanneld wants an IPv6 podCIDR as well, and publishes public-ipv6 and backend-v6-data; peers
// take a node for IPv6 only with them (`pkg/subnet/kube/kube.go`, `AcquireLease`, `nodeToLease`; v0.15.0 and later). Without
// that podCIDR v0.26.0 and later end ("missing IPv6 address", `pkg/backend/vxlan/vxlan.go`, `configureDeviceIPv4IPv6`).
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { parseIpv6Prefix } from '../model/ipv6.ts'
import { named } from '../model/named.ts'
import { flannelNamespace, hasJustJoined, type KubernetesNode, needsNetwork } from '../model/node.ts'

/** Annotations of the second family that a node lacks. */
function missingOf({ annotations }: KubernetesNode): readonly string[] {
  const { publicIpv6, backendV6Data } = annotations
  return [
    ...(publicIpv6 === undefined ? ['public-ipv6'] : []),
    ...(backendV6Data === undefined ? ['backend-v6-data'] : []),
  ]
}

export const check = defineClusterCheck({
  id: 'node/dual-stack',
  title: 'IPv6 beside IPv4 on each node',
  backends: ['vxlan', 'host-gw'],
  needs: ['kubernetes', 'config'],
  findings: {
    'pod-cidr-missing': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'node {node} has no IPv6 podCIDR, though EnableIPv6 is set: flanneld since v0.26.0 does not start there, earlier ones leave its pods without IPv6',
      fix: 'Give the controller manager both families (--cluster-cidr=IPV4,IPV6, --node-cidr-mask-size-ipv6), delete the node object, let the kubelet register it again and restart its flannel pod; or take EnableIPv6 out of net-conf.json.',
      explains: [
        { code: 'node/annotations:*', when: 'same-host' },
        { code: 'node/flanneld:*', when: 'same-host' },
        { code: 'daemon/process:not-running', when: 'same-host' },
        { code: 'daemon/log:*', when: 'same-host' },
        { code: 'link/ipv6-vtep:*', when: 'same-host' },
      ],
    },
    'annotations-missing': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'node {node} lacks {observed} among the annotations of flannel: other nodes do not reach its pods by IPv6',
      fix: 'See that flanneld finds an IPv6 default route or is told --iface or --public-ipv6, then restart the flannel pod of node {node}: `kubectl -n {namespace} delete pod`.',
      heal: [RESTART_FLANNELD],
    },
  },
  *evaluate({ facts: { kubernetes, config }, cluster: { snapshot, now } }) {
    if (!config.enableIpv6) return
    const { hostByNode } = clusterIdentity(snapshot)
    const namespace = flannelNamespace(kubernetes)
    for (const node of kubernetes.nodes.filter(needsNetwork)) {
      const { name } = node
      const place = {
        host: hostByNode.get(name) ?? name,
        object: named('node', name),
        data: { node: name, namespace },
      }
      const missing = missingOf(node)
      if (!node.podCidrs.some((text) => parseIpv6Prefix(text) !== undefined)) {
        const observed = node.podCidrs.join(', ') || 'no podCIDR'
        if (hasJustJoined(node, now))
          yield { unsure: `node ${name} has just joined, its podCIDR may still come` }
        else yield { code: 'pod-cidr-missing', ...place, expected: 'an IPv6 podCIDR', observed }
      } else if (node.annotations.managed === 'true' && missing.length > 0) {
        yield { code: 'annotations-missing', ...place, observed: missing.join(', ') }
      }
    }
  },
})
