// flanneld takes a list of etcd endpoints and works as long as one of them answers (`main.go`, flag
// `etcd-endpoints`); its default names two ports of which normally one is dead. A member without a
// leader, or with an alarm, refuses writes: leases are then neither granted nor renewed
// (`pkg/subnet/etcd/registry.go`, `createSubnet` and `updateSubnet`).

import { defineClusterCheck } from '../define.ts'
import { named } from '../model/named.ts'

export const check = defineClusterCheck({
  id: 'datastore/endpoint',
  title: 'etcd endpoints',
  backends: 'any',
  needs: ['etcd'],
  findings: {
    unreachable: {
      severity: 'info',
      confidence: 'certain',
      says: 'etcd endpoint {url} does not answer ({observed}); {answering} of {count} do',
      fix: 'Start etcd there or take the endpoint out of -etcd-endpoints; flanneld works as long as one answers.',
    },
    unhealthy: {
      severity: 'warning',
      confidence: 'certain',
      says: 'etcd endpoint {url} answers, but its member is not healthy ({observed}): leases cannot be renewed through it',
      fix: 'Run `etcdctl endpoint status --cluster` and `etcdctl alarm list`; bring back the missing members or free space, then `etcdctl alarm disarm`.',
      explains: [
        { code: 'lease/time-to-live:expiring', when: 'anywhere' },
        { code: 'lease/own:missing', when: 'anywhere' },
        { code: 'daemon/log:etcd-full', when: 'anywhere' },
        { code: 'daemon/log:etcd-unreachable', when: 'anywhere' },
        { code: 'daemon/log:renewal-fails', when: 'anywhere' },
      ],
    },
  },
  *evaluate({ facts: { etcd } }) {
    const answering = etcd.endpoints.filter(({ reachable }) => reachable).length
    for (const { url, reachable, problem, healthy, trouble } of etcd.endpoints) {
      const place = {
        object: named('etcd endpoint', url),
        data: { url, answering, count: etcd.endpoints.length },
      }
      if (!reachable) yield { code: 'unreachable', ...place, observed: problem ?? 'no answer' }
      else if (healthy === false)
        yield { code: 'unhealthy', ...place, observed: trouble ?? 'no leader, or an alarm' }
    }
  },
})
