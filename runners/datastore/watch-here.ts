/** Watches a datastore, whichever it is, from this process's own network. */
import type { WatchRequest } from './request.ts'

/** Calls `changed` for every change until the signal ends it. Never rejects: what cannot be watched is not. */
export async function watchHere(
  request: WatchRequest['watch'],
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  if ('kubeconfig' in request) {
    const { watchNodes } = await import('./kubernetes/watch-nodes.ts')
    return watchNodes(request, changed, signal)
  }
  const { watchEtcd } = await import('./watch-etcd.ts')
  return watchEtcd(request, changed, signal)
}
