// Anyone with access to etcd can write below PREFIX/subnets. A key that is no subnet crashes flannel up
// to v0.7.1 at start and stops the watch of flannel up to v0.13.0, which reads the same event for ever
// and learns of no later lease (`subnet/etcdv2/local_manager.go`, `parseSubnetWatchResponse`); later
// versions log it and go on. What stands in an unreadable record cannot be judged.
import { defineClusterCheck } from '../define.ts'
import { isSince } from '../expected/generation.ts'
import type { Flanneld } from '../model/daemon.ts'

function stumbles({ processes }: Flanneld): boolean {
  return processes.some(({ version }) => isSince(version, 'v0.14.0') === false)
}

export const check = defineClusterCheck({
  id: 'lease/record',
  title: 'Records under subnets',
  backends: 'any',
  needs: ['leases', 'flanneld'],
  findings: {
    'blocks-watch': {
      severity: 'warning',
      confidence: 'likely',
      says: 'record {key} is no subnet ({observed}); flanneld up to v0.13.0 learns of no new lease after reading it',
      fix: 'Delete the key {key} and restart flanneld on {hosts}.',
      explains: [
        { code: 'lease/peer:*', when: 'anywhere' },
        { code: 'route/stale-subnet:stale', when: 'anywhere' },
      ],
    },
  },
  *evaluate({ facts: { leases }, hosts }) {
    const affected = [...hosts].filter(([, { facts }]) => stumbles(facts.flanneld)).map(([name]) => name)
    for (const { key, subnet, problem } of leases.unreadable) {
      if (subnet === undefined && affected.length > 0) {
        const data = { key, hosts: affected.join(', ') }
        yield { code: 'blocks-watch', object: `record ${key}`, observed: problem, data }
      } else {
        yield { unsure: `record ${key} cannot be read: ${problem}` }
      }
    }
  },
})
