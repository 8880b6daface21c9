/** Endpoints of etcd for a flanneld that finds none by its own: those that every other host of the network is told. */

import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { knownValue } from '../expected/observed-host.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import type { Deletion } from './orphan-lease.ts'

/** What a flanneld is told; undefined where none runs, for one that is told nothing of use elsewhere, and with TLS, which takes more than a URL. */
function toldTo(snapshot: ClusterSnapshot, host: HostName): string | undefined {
  const facts = snapshot.hosts.get(host)?.facts
  const flanneld = facts && knownValue(facts.flanneld)
  const daemon = flanneld && flanneldFor(flanneld, knownValue(snapshot.datastore.etcd)?.prefix)
  if (daemon === undefined) return undefined
  const { etcdEndpoints, kubeSubnetMgr } = flanneldOptions(daemon)
  const isUsual = etcdEndpoints.every((url) => /^http:\/\/(?!localhost|127\.|\[)/.test(url))
  return isUsual && !kubeSubnetMgr ? etcdEndpoints.join(',') : undefined
}

/** A restart with the endpoints of the others; nothing where they differ, or where this host is told the same. */
export function endpointsOfOthers(snapshot: ClusterSnapshot, host: HostName): Partial<Deletion> {
  const others = [...snapshot.hosts.keys()].filter((name) => name !== host)
  const [endpoints, ...more] = [...new Set(others.map((name) => toldTo(snapshot, name)))]
  const own = toldTo(snapshot, host)
  if (endpoints === undefined || more.length > 0 || own === undefined || own === endpoints) return {}
  return {
    heal: [{ on: 'host', restart: 'flanneld', options: ['-etcd-endpoints={endpoints}'] }],
    data: { endpoints },
  }
}
