// flanneld writes kube-subnet-manager, backend-type, backend-data and public-ip on its node when it starts, and never
// looks whether they stay (`pkg/subnet/kube/kube.go`, `AcquireLease`). Peers take a node only when kube-subnet-manager is
// "true" and public-ip can be read (`handleAddLeaseEvent`, `nodeToLease`), and only under their own
// -kube-annotation-prefix (`annotations.go`). The node stays Ready, and nothing else says that it is cut off.
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { registeredAfter } from '../expected/registered-again.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import { embedsFlannel, flannelNamespace, type KubernetesNode, needsNetwork } from '../model/node.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/** What peers, or flannel's own next start, cannot do without. */
const NEEDED = { backendType: 'backend-type', backendData: 'backend-data', publicIp: 'public-ip' } as const

const CUT_OFF = [
  { code: 'lease/own:missing', when: 'same-host' },
  { code: 'lease/host:*', when: 'anywhere' },
  { code: 'lease/peer:*', when: 'involves-host' },
  { code: 'lease/record:*', when: 'same-host' },
  { code: 'lease/backend:*', when: 'same-host' },
  { code: 'route/stale-subnet:stale', when: 'anywhere' },
  { code: 'route/peer-subnet:*', when: 'peer-of' },
  { code: 'neighbour/peer-vtep:*', when: 'peer-of' },
  { code: 'fdb/peer-vtep:*', when: 'peer-of' },
] as const

const RESTART =
  'Restart the flannel pod of node {node}: it writes its annotations only when it starts. Look for the software that removes them.'

function missingOf({ annotations }: KubernetesNode): readonly string[] {
  return Object.entries(NEEDED).flatMap(([key, name]) =>
    annotations[key as keyof typeof NEEDED] === undefined ? [name] : [],
  )
}

export const check = defineClusterCheck({
  id: 'node/annotations',
  title: "flannel's annotations of each node",
  backends: 'any',
  needs: ['kubernetes', 'leases'],
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'node {node} has no annotations of flannel: to the other nodes it does not exist, though Kubernetes shows it as Ready',
      heal: [RESTART_FLANNELD],
      fix: 'See whether flanneld starts on node {node} (`kubectl -n {namespace} logs`); where it runs, restart its pod, which then writes them again.',
      explains: CUT_OFF,
    },
    incomplete: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'node {node} lacks {observed} among the annotations of flannel: other nodes cannot use it when they next read it',
      fix: RESTART,
      heal: [RESTART_FLANNELD],
      explains: CUT_OFF,
    },
    unreadable: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the annotations of flannel on node {node} cannot be read ({observed}): other nodes leave it out',
      fix: RESTART,
      heal: [RESTART_FLANNELD],
      explains: CUT_OFF,
    },
    'other-prefix': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'flanneld of node {node} writes its annotations under {observed}, the others under {expected}: each is unknown to the other',
      fix: 'Give every flanneld the same -kube-annotation-prefix and restart those that change; remove the annotations of the other prefix.',
      explains: CUT_OFF,
    },
  },
  *evaluate({ facts: { kubernetes, leases }, cluster: { snapshot } }) {
    const problems = new Map(leases.unreadable.map(({ key, problem }) => [key, problem]))
    const { nodes, annotationPrefix } = kubernetes
    const { hostByNode } = clusterIdentity(snapshot)
    const namespace = flannelNamespace(kubernetes)
    for (const node of nodes.filter(needsNetwork)) {
      const place = {
        host: hostByNode.get(node.name) ?? node.name,
        object: named('node', node.name),
        data: { node: node.name, namespace },
      }
      const [other] = node.otherPrefixes
      if (node.annotations.managed === 'true') {
        yield* wrongOf(node, problems).map((wrong) => ({ ...wrong, ...place }))
      } else if (other !== undefined) {
        yield { code: 'other-prefix', ...place, expected: annotationPrefix, observed: other }
      } else if (isMissed(node, snapshot)) {
        yield { code: 'missing', ...place, observed: 'no annotation kube-subnet-manager' }
      }
    }
  },
})

/** What of the annotations peers cannot use; a podCIDR that is none has a finding of its own. */
function wrongOf(node: KubernetesNode, problems: ReadonlyMap<string, string>) {
  const missing = missingOf(node)
  if (missing.length > 0) return [{ code: 'incomplete', observed: missing.join(', ') } as const]
  const observed = node.podCidr === undefined ? undefined : problems.get(`node/${node.name}`)
  return observed === undefined ? [] : [{ code: 'unreadable', observed } as const]
}

/**
 * A node that is new has no network yet, and one without podCIDR cannot have. Of one that was registered again its flanneld
 * wrote them on the node that was there before. All three have findings of their own.
 */
function isMissed(node: KubernetesNode, snapshot: ClusterSnapshot): boolean {
  const isReady = node.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  const host = clusterIdentity(snapshot).hostByNode.get(node.name)
  const isAgain = host !== undefined && registeredAfter(snapshot, host) !== undefined
  return node.podCidr !== undefined && (isReady || embedsFlannel(node)) && !isAgain
}
