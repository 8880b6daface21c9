/** Tells when what an inventory names as flannel's datastore changes. */
import { makeRunner } from '../hosts/make-runner.ts'
import { etcdRequest } from '../inventory/targets.ts'
import type { DatastoreTarget } from './read-datastore.ts'

/** Calls `changed` for every change until the signal ends it; never for Kubernetes, whose nodes change all the time. */
export async function watchDatastore(
  { etcd, kubernetes }: DatastoreTarget,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  if (kubernetes !== undefined) return
  const request = etcdRequest(etcd)
  if (etcd.via === undefined) {
    const { watchEtcd } = await import('../datastore/watch-etcd.ts')
    return watchEtcd(request, changed, signal)
  }
  const { watchEtcdVia } = await import('../datastore/watch-via.ts')
  return watchEtcdVia(makeRunner('etcd', etcd.via), request, { changed, signal })
}
