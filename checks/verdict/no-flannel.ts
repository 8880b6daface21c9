/**
 * Whether anything of flannel is there to be judged. A machine that never ran it has no fault, and advice to start
 * flanneld would be wrong there: the hosts or the etcd that were looked at are the wrong ones.
 */
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'

/** True when the host was read well enough to say that nothing of flannel is on it. */
function hasNothing({ facts }: HostSnapshot): boolean {
  const { flanneld, links, subnetEnv, services } = facts
  const hasUnit =
    services.known &&
    [...services.value.values()].some(
      ({ name, loadState }) => name.startsWith('flannel') && loadState === 'loaded',
    )
  return (
    !hasUnit &&
    flanneld.known &&
    flanneld.value.processes.length === 0 &&
    links.known &&
    !links.value.some(({ name }) => name.startsWith('flannel')) &&
    !subnetEnv.known &&
    subnetEnv.why === 'missing'
  )
}

/** Why the Kubernetes API that was asked told nothing; undefined where it did, or etcd was asked. */
function unreadApi({ kubernetes }: ClusterSnapshot['datastore']): string | undefined {
  return kubernetes.known || kubernetes.why === 'not-applicable' ? undefined : kubernetes.detail
}

function reachedHosts({ hosts }: Pick<ClusterSnapshot, 'hosts'>): readonly HostSnapshot[] {
  return [...hosts.values()].filter(({ unreachable }) => unreachable === undefined)
}

/** True when neither the datastore nor any of the hosts that were reached shows anything of flannel: others may. */
export function isFlannelAbsent({ datastore, hosts }: ClusterSnapshot): boolean {
  const { config, leases } = datastore
  const isBroken = !config.known && config.why === 'unparsable' && unreadApi(datastore) === undefined
  const isNetwork = config.known || isBroken || (leases.known && leases.value.leases.length > 0)
  const reached = reachedHosts({ hosts })
  return !isNetwork && reached.length > 0 && reached.every(hasNothing)
}

/** What is said where flannel is absent from all that was read: that it is not there only where every host was. */
export function absenceVerdict({ hosts }: ClusterSnapshot): 'no-flannel' | 'undecided' {
  return reachedHosts({ hosts }).length === hosts.size ? 'no-flannel' : 'undecided'
}

/** What was looked for in vain, and what to pass so that the right place is looked at. */
export function absenceAdvice({ datastore, hosts }: ClusterSnapshot): readonly string[] {
  const { config, kubernetes } = datastore
  const isCluster = kubernetes.known || unreadApi(datastore) !== undefined
  const names = reachedHosts({ hosts }).map(({ host }) => host)
  const where = names.length > 3 ? `any of ${names.length} hosts` : names.join(', ')
  const store = config.known ? '' : `; ${isCluster ? 'Kubernetes' : 'etcd'}: ${config.detail}`
  return [
    `no flanneld, no flannel link and no subnet.env on ${where}${store}`,
    isCluster
      ? 'name nodes of the cluster: --host ssh://NODE or kubectl://NODE (repeatable), or --inventory FILE'
      : 'name the hosts that run flannel: --host ssh://HOST (repeatable) or --inventory FILE',
    isCluster
      ? 'say which cluster it is: --kubeconfig FILE, with --context NAME where it is not the current one'
      : 'say where its etcd is: --etcd URL, with --etcd-prefix PATH where it is not /coreos.com/network',
  ]
}
