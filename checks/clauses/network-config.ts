/** What PREFIX/config may say. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['core'] as const

export const NETWORK_CONFIG: readonly Clause[] = [
  {
    id: 'FL-CONF-01',
    level: 'MUST',
    says: 'The configuration MUST be one that flanneld accepts: JSON with a Network.',
    source: 'pkg/subnet/config.go, ParseConfig',
    profiles,
    proof: seenBy(
      'datastore/config-key:refused',
      'datastore/config-key:damaged',
      'datastore/config-map:missing',
      'datastore/config-map:refused',
    ),
  },
  {
    id: 'FL-CONF-02',
    level: 'MUST',
    says: 'Network MUST hold at least four subnets of SubnetLen, and none smaller than a /30.',
    source: 'pkg/subnet/config.go, CheckNetworkConfig',
    since: 'v0.10.0',
    profiles,
    proof: seenBy('datastore/config:network-too-small', 'datastore/config:family-refused'),
  },
  {
    id: 'FL-CONF-03',
    level: 'MUST',
    says: 'SubnetMin and SubnetMax MUST be on a boundary of SubnetLen.',
    source: 'pkg/subnet/config.go, CheckNetworkConfig',
    since: 'v0.10.0',
    profiles,
    proof: seenBy('datastore/config:range-unaligned'),
  },
  {
    id: 'FL-CONF-04',
    level: 'MUST',
    says: 'SubnetMin MUST NOT be above SubnetMax: no subnet could be leased.',
    source: 'pkg/subnet/etcd/local_manager.go, allocateSubnet',
    profiles,
    proof: seenBy('datastore/config:range-empty'),
  },
  {
    id: 'FL-CONF-05',
    level: 'MUST',
    says: 'Backend.Type MUST be a backend of flannel, in any case of letters; without it the type is udp.',
    source: 'pkg/backend/manager.go, GetBackend; pkg/subnet/config.go, parseBackendType',
    profiles,
    proof: seenBy('datastore/config:backend-unknown'),
  },
  {
    id: 'FL-CONF-06',
    level: 'SHOULD',
    says: 'The configuration SHOULD have no key that resembles an option and is none: it is ignored without a word.',
    source: 'pkg/subnet/config.go, Config; encoding/json ignores unknown keys',
    profiles,
    proof: seenBy('datastore/config:unknown-key'),
  },
  {
    id: 'FL-CONF-07',
    level: 'MAY',
    says: 'The configuration MAY have keys that flannel does not know: they are ignored.',
    source: 'pkg/subnet/config.go, Config',
    profiles,
    proof: seenBy('datastore/config:foreign-key'),
  },
  {
    id: 'FL-CONF-08',
    level: 'SHOULD',
    says: 'A changed configuration SHOULD be followed by a restart of every flanneld: it is not watched.',
    source: 'pkg/backend/vxlan/vxlan.go, RegisterNetwork: read once',
    backends: ['vxlan'],
    profiles,
    proof: seenBy('datastore/config-age:changed-since-start', 'datastore/config-age:not-read'),
  },
  {
    id: 'FL-CONF-09',
    level: 'MUST',
    says: 'The range SubnetMin to SubnetMax MUST have a free subnet for every host without one.',
    source: 'pkg/subnet/etcd/local_manager.go, allocateSubnet ("out of subnets")',
    profiles,
    proof: seenBy('datastore/capacity:exhausted'),
  },
]
