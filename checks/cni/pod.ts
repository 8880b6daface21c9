// A pod of a flannel network hangs on the bridge by a veth pair that the CNI plugin made once, when the pod came up
// (containernetworking/plugins `plugins/main/bridge`); nobody looks after it again. A network manager or an operator that
// deletes the pair leaves a pod that the kubelet calls Running and that nothing reaches.
import { defineHostCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { podsOfNode } from '../expected/pods-of-node.ts'
import { flannelPlugin } from '../model/cni.ts'
import type { Container } from '../model/container-bridge.ts'

/** Pods that a finding names; of more their number is told. */
const NAMED = 3

/** Why not all network namespaces of the host were seen; undefined where they were. */
function unseen(containers: readonly Container[]): string | undefined {
  const hidden = containers.find(({ problem, isGone }) => problem !== undefined && !isGone)
  return hidden && `${hidden.name} was not seen: ${hidden.problem}`
}

export const check = defineHostCheck({
  id: 'cni/pod',
  title: 'Pods of the node have their address',
  backends: 'any',
  needs: ['kubernetes', 'cni', 'containers'],
  needsExpected: false,
  findings: {
    unattached: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'likely',
      says: 'pods run on {host} by the word of Kubernetes, and no network namespace there has their address: {observed}',
      fix: 'Delete the pods, so that their owner makes new ones (`kubectl delete pod NAME`); keep network managers off veth links.',
    },
  },
  *evaluate({ host, facts: { kubernetes, cni, containers }, sources, cluster: { snapshot } }) {
    const node = clusterIdentity(snapshot).nodeByHost.get(host)
    // Other delegates leave other marks on a host; of what an inventory names, the rest was not looked for.
    const isLookedFor = !containers.some(({ foundBy }) => foundBy === 'inventory')
    if (node === undefined || flannelPlugin(cni)?.delegate?.type !== 'bridge' || !isLookedFor) return
    const held = new Set(containers.flatMap(({ addresses }) => addresses.map(({ address }) => address)))
    const lost = podsOfNode(kubernetes, node)
      .filter(({ address }) => !held.has(address))
      .map(({ name, address }) => `${name} (${address})`)
    const [first] = lost
    if (first === undefined) return
    const hidden = unseen(containers)
    if (hidden !== undefined) return yield { unsure: `whether ${first} is there is not known: ${hidden}` }
    const more = lost.length > NAMED ? ` and ${lost.length - NAMED} more` : ''
    const observed = `${lost.slice(0, NAMED).join(', ')}${more}`
    yield {
      code: 'unattached',
      object: 'pods',
      expected: 'an address in a network namespace',
      observed,
      evidence: [
        {
          source: { ...sources.kubernetes, command: 'kubectl get pods -A -o wide' },
          excerpt: `${observed} on ${node.name}; found there: ${[...held].slice(0, NAMED).join(', ') || 'none'}`,
          derived: true,
        },
      ],
    }
  },
})
