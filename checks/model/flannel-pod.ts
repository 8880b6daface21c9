/** The pods of flannel's DaemonSets, and whether a flanneld runs in them that serves their node. */
import type { FlannelDaemonSet, HaltedContainer, KubernetesStatus, Pod } from './node.ts'

/** A pod and the DaemonSet that made it. */
export interface FlannelPod {
  readonly pod: Pod
  readonly set: FlannelDaemonSet
}

/** The pods of flannel's DaemonSets by the name of their node. */
export function flannelPods({
  daemonSets = [],
  pods = [],
}: KubernetesStatus): ReadonlyMap<string, readonly FlannelPod[]> {
  const own = pods.flatMap((pod) => {
    const set = daemonSets.find(({ namespace, name }) => {
      return namespace === pod.namespace && pod.name.startsWith(`${name}-`)
    })
    return set === undefined ? [] : [{ pod, set }]
  })
  return Map.groupBy(own, ({ pod }) => pod.node ?? '')
}

/** What the kubelet says of a container whose turn comes after the init containers. */
const WAITS_FOR_INIT = 'PodInitializing'

/** The container for which flanneld does not run: its own, or the init container that has not done its work. */
export function haltedFlanneld({ pod: { halted = [] }, set }: FlannelPod): HaltedContainer | undefined {
  const own = halted.find(({ name, isInit }) => !isInit && set.containers?.includes(name))
  if (own?.reason !== WAITS_FOR_INIT) return own
  return halted.find(({ isInit, reason }) => isInit && reason !== WAITS_FOR_INIT) ?? own
}

/** True where a flanneld runs in the network of the node: in a network of its own it writes what no node uses. */
export function servesNode(one: FlannelPod): boolean {
  const { phase, usesHostNetwork } = one.pod
  return phase === 'Running' && usesHostNetwork && haltedFlanneld(one) === undefined
}

/** A pod that does not serve its node, in a few words. */
export function stateText(one: FlannelPod): string {
  const { name, phase } = one.pod
  const halted = haltedFlanneld(one)
  if (halted === undefined) return `pod ${name} is ${phase}`
  const exit = halted.exitCode === undefined ? '' : `, exit status ${halted.exitCode}`
  return `pod ${name}, container ${halted.name}: ${halted.reason}${exit}`
}
