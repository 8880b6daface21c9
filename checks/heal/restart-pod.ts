/** How a flanneld in a pod is restarted: its pod is deleted, and the DaemonSet makes another one. */

import { clusterIdentity } from '../expected/cluster-identity.ts'
import type { Fix } from '../heal-step.ts'
import { flannelPods } from '../model/flannel-pod.ts'
import { fillCommand } from '../model/shell-words.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'

interface PodName {
  readonly namespace: string
  readonly name: string
}

/** The pod that a running flanneld says it is in. */
function ownPod({ facts: { flanneld } }: HostSnapshot): PodName | undefined {
  const [process] = flanneld.known ? flanneld.value.processes : []
  const { POD_NAMESPACE: namespace, POD_NAME: name } = process?.environment ?? {}
  return namespace && name ? { namespace, name } : undefined
}

/** The pod of the DaemonSet on the host's node, where no flanneld runs. */
function nodesPod({ host }: HostSnapshot, snapshot: ClusterSnapshot): PodName | undefined {
  const { kubernetes } = snapshot.datastore
  const node = clusterIdentity(snapshot).nodeByHost.get(host)
  if (!kubernetes.known || node === undefined) return undefined
  return flannelPods(kubernetes.value).get(node.name)?.[0]?.pod
}

/** The command, typed wherever kubectl reaches the cluster; undefined for a flanneld in no pod. */
export function restartPod(host: HostSnapshot, snapshot: ClusterSnapshot): Fix | undefined {
  const pod = ownPod(host) ?? nodesPod(host, snapshot)
  const command = pod && fillCommand('kubectl -n {namespace} delete pod {name}', { ...pod })
  if (command === undefined) return undefined
  return {
    host: '',
    command,
    effect:
      'the DaemonSet starts flanneld again, which reads configuration and nodes and writes its annotations anew',
    restartProof: true,
  }
}
