// A node object that is deleted takes flannel's annotations with it, and the kubelet registers the node again within
// seconds, often with another podCIDR. flanneld goes on with the former subnet and never registers again
// (`pkg/subnet/kube/kube.go`: `AcquireLease` is called once, at start). Kubernetes shows the node Ready and its pods Running.
import { defineHostCheck } from '../define.ts'
import { registeredAfter } from '../expected/registered-again.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'node/registered-again',
  title: 'Node registered again under a running flanneld',
  backends: 'any',
  needs: ['kubernetes', 'flanneld'],
  needsExpected: false,
  findings: {
    'flanneld-older': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'node {node} was deleted and registered again {age} after its flanneld started, and has none of its annotations: no other node reaches the pods of {host}',
      fix: 'Restart the flannel pod of node {node}; where the podCIDR is another one now ({subnet}), drain the node, `ip link del cni0` and create its pods again.',
      heal: [RESTART_FLANNELD],
      explains: [
        { code: 'node/annotations:missing', when: 'same-host' },
        { code: 'node/flanneld:*', when: 'same-host' },
        { code: 'node/network-unavailable:*', when: 'same-host' },
        { code: 'lease/own:missing', when: 'same-host' },
        { code: 'lease/host:*', when: 'anywhere' },
        { code: 'lease/peer:*', when: 'involves-host' },
        { code: 'subnet-env/subnet:*', when: 'same-host' },
        { code: 'bridge/address:wrong-subnet', when: 'same-host' },
        { code: 'bridge/container-address:outside-subnet', when: 'same-host' },
        { code: 'route/stale-subnet:stale', when: 'anywhere' },
        { code: 'route/peer-subnet:*', when: 'peer-of' },
        { code: 'neighbour/peer-vtep:*', when: 'peer-of' },
        { code: 'fdb/peer-vtep:*', when: 'peer-of' },
        { code: 'cni/address-store:*', when: 'same-host' },
      ],
    },
  },
  *evaluate({ host, cluster: { snapshot } }) {
    const again = registeredAfter(snapshot, host)
    if (again === undefined) return
    const { node, olderBy } = again
    const subnet = node.podCidrs.join(', ') || 'none'
    yield {
      code: 'flanneld-older',
      object: named('node', node.name),
      expected: "flannel's annotations",
      observed: 'no annotation kube-subnet-manager',
      data: { node: node.name, age: duration(olderBy), subnet },
    }
  },
})

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
