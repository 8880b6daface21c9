// Each lease says which backend its host runs (`pkg/lease/lease.go`, `LeaseAttrs.BackendType`; udp and
// alloc leave it out). vxlan, host-gw and ipip skip leases of another type ("ignoring non-vxlan
// subnet"), so hosts on different backends do not see each other. The usual reason: Backend was
// changed in etcd, which flanneld reads only at start, and some hosts were not restarted.

import type { Explains } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { formerType } from '../heal/config-edit.ts'
import { orphanDeletion } from '../heal/orphan-lease.ts'
import { RESTART_DOCKER, RESTART_FLANNELD } from '../heal/steps.ts'
import { formatAddress, formatPrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import { named } from '../model/named.ts'

/** Backends whose leases carry no type: flannel `pkg/backend/udp` and `pkg/backend/alloc` set none. */
const WITHOUT_TYPE = new Set(['udp', 'alloc'])

/** What a host that runs another backend, or expects another one, lacks. */
const OTHER_BACKEND_STATE = ['link', 'tunnel', 'route', 'neighbour', 'fdb']

const ON_OTHER_HOST: readonly Explains[] = [
  ...OTHER_BACKEND_STATE.map((layer): Explains => ({ code: `${layer}/*`, when: 'same-host' })),
  { code: 'lease/peer:*', when: 'involves-host' },
  { code: 'route/peer-subnet:*', when: 'involves-host' },
  { code: 'route/stale-subnet:stale', when: 'anywhere' },
  { code: 'subnet-env/mtu:*', when: 'same-host' },
]
const EVERYWHERE: readonly Explains[] = [
  ...OTHER_BACKEND_STATE.map((layer): Explains => ({ code: `${layer}/*`, when: 'anywhere' })),
  { code: 'lease/peer:*', when: 'anywhere' },
  { code: 'subnet-env/mtu:*', when: 'anywhere' },
]

function typeOf(lease: Lease): string {
  return lease.backendType ?? 'none'
}

export const check = defineClusterCheck({
  id: 'lease/backend',
  title: 'Backend of each lease',
  backends: ['vxlan', 'host-gw', 'udp', 'ipip', 'wireguard', 'ipsec', 'alloc', 'extension'],
  needs: ['leases', 'config'],
  findings: {
    mixed: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'lease {subnet} of {owner} is of backend {observed}, the network of {expected}: the two kinds of host do not see each other',
      fix: 'Restart flanneld on {owner} so that it reads the configuration again, then Docker; a record without a host is removed by deleting the key {key}.',
      withPods: {
        fix: 'Restart the flannel pod of {owner}, which reads the configuration again, then create the pods of the node again.',
      },
      heal: [RESTART_FLANNELD, RESTART_DOCKER],
      explains: ON_OTHER_HOST,
    },
    'all-differ': {
      severity: 'critical',
      effect: 'risk',
      hostsKeepFormer: true,
      confidence: 'likely',
      says: 'every lease ({count}) is of backend {observed}, the configuration says {expected}: it was changed and no flanneld was restarted',
      fix: 'Restart flanneld and then Docker on every host, or put the old Backend back.',
      withPods: {
        fix: 'Restart every flannel pod (`kubectl -n kube-flannel rollout restart daemonset`), or put the old Backend back.',
      },
      explains: EVERYWHERE,
    },
  },
  *evaluate({ facts: { leases: table, config }, cluster: { snapshot } }) {
    const { leases } = table
    const expected = WITHOUT_TYPE.has(config.backend) ? 'none' : config.backend
    const other = leases.filter((lease) => typeOf(lease) !== expected)
    const [first] = other
    if (first && other.length === leases.length && other.every((lease) => typeOf(lease) === typeOf(first))) {
      const { heal, data: edit } = formerType(snapshot)
      const data = { ...edit, count: leases.length }
      return yield { code: 'all-differ', heal, object: 'leases', expected, observed: typeOf(first), data }
    }
    const { hostByLease } = clusterIdentity(snapshot)
    for (const lease of other) {
      const host = hostByLease.get(lease)
      const subnet = formatPrefix(lease.subnet)
      const { heal, data: orphans } = orphanDeletion([lease], snapshot)
      const data = { ...orphans, subnet, owner: host ?? formatAddress(lease.publicIp), key: lease.key }
      const place = { object: named('lease', subnet), ...(host === undefined ? { heal } : { host }) }
      yield { code: 'mixed', ...place, expected, observed: typeOf(lease), data }
    }
  },
})
