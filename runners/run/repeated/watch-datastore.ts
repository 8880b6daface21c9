/** Tells when what an inventory names as flannel's datastore changes. */
import { makeRunner } from '../../hosts/make-runner.ts'
import { kubernetesRequest } from '../../inventory/kubernetes-target.ts'
import { etcdRequest } from '../../inventory/targets.ts'
import type { DatastoreTarget } from '../collecting/read-datastore.ts'

/** Calls `changed` for every change until the signal ends it. */
export async function watchDatastore(
  { etcd, kubernetes }: DatastoreTarget,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  const request = kubernetes === undefined ? etcdRequest(etcd) : kubernetesRequest(kubernetes, process.env)
  const { via } = kubernetes ?? etcd
  if (via === undefined) {
    const { watchHere } = await import('../../datastore/watch-here.ts')
    return watchHere(request, changed, signal)
  }
  const { watchVia } = await import('../../datastore/watch-via.ts')
  return watchVia(makeRunner('datastore', via), request, { changed, signal })
}
