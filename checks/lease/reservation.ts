// A key without expiry below PREFIX/subnets is a reservation. Through the v2 API flannel keeps it (TTL 0,
// `subnet/etcdv2/local_manager.go`). Since v0.18.0 a key without an etcd lease reads as expired a second ago: the
// host that owns it turns it into an ordinary lease of 24 h as soon as it runs (`pkg/subnet/etcd/registry.go`).
// Nobody removes one whose host never comes.
import { defineClusterCheck } from '../define.ts'
import { formatPrefix } from '../model/address.ts'

/** Subnets named in the sentence; the rest are counted. */
const NAMED = 3

export const check = defineClusterCheck({
  id: 'lease/reservation',
  title: 'Leases without expiry',
  backends: 'any',
  needs: ['etcd', 'leases'],
  findings: {
    'not-honoured': {
      severity: 'info',
      confidence: 'certain',
      says: 'without expiry ({count}): {observed}; flannel v0.18.0 and later knows no reservations: a host turns its own into a lease of 24 h, and one without a host stays forever',
      fix: 'Do not rely on reservations with etcd v3; delete the keys of hosts that are gone.',
    },
  },
  *evaluate({ facts: { etcd, leases } }) {
    if (etcd.api !== 'v3') return
    const kept = leases.leases.filter(
      ({ etcdLeaseId, ttlSeconds }) => etcdLeaseId === undefined && ttlSeconds === undefined,
    )
    if (kept.length === 0) return
    const names = kept.slice(0, NAMED).map(({ subnet }) => formatPrefix(subnet))
    const more = kept.length > NAMED ? ` and ${kept.length - NAMED} more` : ''
    yield {
      code: 'not-honoured',
      object: 'leases',
      observed: names.join(', ') + more,
      data: { count: kept.length },
    }
  },
})
