/** Reads what an inventory names as flannel's datastore: etcd, or the Kubernetes API. */
import type { KubernetesReading } from '../../datastore/kubernetes/reading.ts'
import { unreadKubernetes } from '../../datastore/kubernetes/unread.ts'
import { type DatastoreReading, type EtcdReading, unreadEtcd } from '../../datastore/reading.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import { stopText } from '../../interruption.ts'
import type { EtcdTarget, Inventory } from '../../inventory/inventory.ts'
import { type KubernetesTarget, kubernetesRequest } from '../../inventory/kubernetes-target.ts'
import { etcdRequest } from '../../inventory/targets.ts'
import { unlessOverdue } from '../../overdue.ts'

async function readEtcdOf(etcd: EtcdTarget, signal: AbortSignal): Promise<EtcdReading> {
  const request = etcdRequest(etcd)
  const reading = async (): Promise<EtcdReading> => {
    if (etcd.via !== undefined) {
      const { readEtcdVia } = await import('../../datastore/read-via.ts')
      return { ...(await readEtcdVia(makeRunner('etcd', etcd.via), request, signal)), via: etcd.via }
    }
    const { readEtcd } = await import('../../datastore/read-etcd.ts')
    return readEtcd(request, signal)
  }
  return unlessOverdue(reading(), signal, () =>
    unreadEtcd(request, `gave no answer before ${stopText(signal)}`),
  )
}

async function readKubernetesOf(target: KubernetesTarget, signal: AbortSignal): Promise<KubernetesReading> {
  const request = kubernetesRequest(target, process.env)
  const { via } = target
  const reading = async (): Promise<KubernetesReading> => {
    if (via !== undefined) {
      const { readKubernetesVia } = await import('../../datastore/read-via.ts')
      return { ...(await readKubernetesVia(makeRunner('kubernetes', via), request, signal)), via }
    }
    const { readKubernetes } = await import('../../datastore/kubernetes/read-kubernetes.ts')
    return readKubernetes(request, signal)
  }
  return unlessOverdue(reading(), signal, () =>
    unreadKubernetes('', {
      why: 'timed-out',
      detail: `the Kubernetes API gave no answer before ${stopText(signal)}`,
    }),
  )
}

/** Where the leases are, as an inventory says it and a running flanneld completes it. */
export type DatastoreTarget = Pick<Inventory, 'etcd' | 'kubernetes'>

/** The reading; what could not be read is in it. */
export function readDatastore(
  { etcd, kubernetes }: DatastoreTarget,
  signal: AbortSignal,
): Promise<DatastoreReading> {
  return kubernetes === undefined ? readEtcdOf(etcd, signal) : readKubernetesOf(kubernetes, signal)
}
