/** Endpoints of etcd for a flanneld that finds none by its own: those that every other host of the network is told. */

import type { FlanneldOptions } from '../expected/flanneld-options.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import type { Deletion } from './orphan-lease.ts'
import { toldToOthers } from './told-to-others.ts'

/** Undefined for a flanneld that is told nothing of use elsewhere, and with TLS, which takes more than a URL. */
function usualEndpoints({ etcdEndpoints, kubeSubnetMgr }: FlanneldOptions): string | undefined {
  const isUsual = etcdEndpoints.every((url) => /^http:\/\/(?!localhost|127\.|\[)/.test(url))
  return isUsual && !kubeSubnetMgr ? etcdEndpoints.join(',') : undefined
}

/** A restart with the endpoints of the others; nothing where they differ, or where this host is told the same. */
export function endpointsOfOthers(snapshot: ClusterSnapshot, host: HostName): Partial<Deletion> {
  const told = toldToOthers(snapshot, host, usualEndpoints)
  if (told?.own === undefined) return {}
  return {
    heal: [{ on: 'host', restart: 'flanneld', options: ['-etcd-endpoints={endpoints}'] }],
    data: { endpoints: told.others },
  }
}
