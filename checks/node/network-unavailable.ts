// flanneld sets the condition NetworkUnavailable to False with reason FlannelIsUp when it has started, unless
// -set-node-network-unavailable=false (`pkg/subnet/kube/kube.go`, `CompleteLease`; v0.12.0 and later). While it is True
// the node has a taint and the scheduler gives it no pods. flanneld never sets it back, so False proves nothing.
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { named } from '../model/named.ts'
import { needsNetwork } from '../model/node.ts'

export const check = defineClusterCheck({
  id: 'node/network-unavailable',
  title: 'Condition NetworkUnavailable',
  backends: 'any',
  needs: ['kubernetes'],
  findings: {
    unavailable: {
      severity: 'warning',
      confidence: 'certain',
      says: 'node {node} has the condition NetworkUnavailable ({observed}): the scheduler gives it no pods',
      fix: 'See whether flanneld has started on node {node} and may patch nodes/status; a cloud controller that sets the condition again must be told that it makes no routes (--configure-cloud-routes=false).',
    },
  },
  *evaluate({ facts: { kubernetes }, cluster: { snapshot } }) {
    const { hostByNode } = clusterIdentity(snapshot)
    for (const { name, conditions } of kubernetes.nodes.filter(needsNetwork)) {
      const found = conditions.find(({ type }) => type === 'NetworkUnavailable')
      if (found?.status !== 'True') continue
      yield {
        code: 'unavailable',
        host: hostByNode.get(name) ?? name,
        object: named('node', name),
        expected: 'False',
        observed: found.reason ?? 'True',
        data: { node: name },
      }
    }
  },
})
