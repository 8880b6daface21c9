// All endpoints that flanneld is given must be members of one etcd cluster: flanneld asks whichever
// answers first (`pkg/subnet/etcd/registry.go`, `newEtcdClient`), so with two clusters each host may
// read and write a lease table of its own. Guides that start one etcd per host produce this.
import { defineClusterCheck } from '../define.ts'
import type { EtcdEndpoint } from '../model/etcd-member.ts'

function urlsByCluster(endpoints: readonly EtcdEndpoint[]): Map<string, string[]> {
  const clusters = new Map<string, string[]>()
  for (const { clusterId, url } of endpoints) {
    if (clusterId === undefined) continue
    clusters.set(clusterId, [...(clusters.get(clusterId) ?? []), url])
  }
  return clusters
}

export const check = defineClusterCheck({
  id: 'datastore/cluster-identity',
  title: 'One etcd cluster behind all endpoints',
  backends: 'any',
  needs: ['etcd'],
  findings: {
    split: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'the etcd endpoints belong to {count} different clusters: {observed}; each has leases of its own',
      fix: 'Give every flanneld the endpoints of one cluster, restart flanneld and then Docker on the hosts that used another; `etcdctl member list` on each endpoint shows who belongs together.',
      explains: [
        { code: 'lease/own:missing', when: 'anywhere' },
        { code: 'lease/peer:*', when: 'anywhere' },
        { code: 'route/stale-subnet:stale', when: 'anywhere' },
      ],
    },
  },
  *evaluate({ facts: { etcd } }) {
    const clusters = urlsByCluster(etcd.endpoints)
    if (clusters.size < 2) return
    const observed = [...clusters].map(([id, urls]) => `${id}: ${urls.join(', ')}`).join('; ')
    yield {
      code: 'split',
      object: 'etcd cluster',
      expected: 'one cluster',
      observed,
      data: { count: clusters.size },
    }
  },
})
