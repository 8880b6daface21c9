/** Where the configuration and the leases are, and what holds them. */
import type { Clause } from './clause.ts'
import { seenBy } from './proofs.ts'

const profiles = ['core'] as const

export const DATASTORE: readonly Clause[] = [
  {
    id: 'FL-STORE-01',
    level: 'MUST',
    says: 'Up to v0.17.0 the configuration MUST be in the etcd v2 store: these versions read no other.',
    source: 'subnet/etcdv2/registry.go, getNetworkConfig',
    until: 'v0.18.0',
    profiles,
    proof: seenBy('datastore/api:wrong-api'),
  },
  {
    id: 'FL-STORE-02',
    level: 'MUST',
    says: 'From v0.18.0 on the configuration MUST be in the etcd v3 store: these versions read no other.',
    source: 'pkg/subnet/etcd/registry.go, getNetworkConfig',
    since: 'v0.18.0',
    profiles,
    proof: seenBy('datastore/api:wrong-api'),
  },
  {
    id: 'FL-STORE-03',
    level: 'MUST',
    says: 'The configuration MUST be under PREFIX/config for as long as a flanneld runs or may be started.',
    source: 'pkg/subnet/etcd/registry.go, getNetworkConfig',
    profiles,
    proof: seenBy('datastore/config-key:missing', 'datastore/config-key:removed'),
  },
  {
    id: 'FL-STORE-04',
    level: 'MUST',
    says: 'Every flanneld of a network MUST read the same prefix.',
    source: 'main.go, opts.etcdPrefix',
    profiles,
    proof: seenBy('datastore/prefix:differs'),
  },
  {
    id: 'FL-STORE-05',
    level: 'MUST',
    says: 'Every endpoint that a flanneld of the network uses MUST belong to the same etcd cluster.',
    source: 'pkg/subnet/etcd/registry.go, newEtcdClient',
    profiles,
    proof: seenBy('datastore/cluster-identity:split', 'datastore/flanneld-endpoint:own-etcd'),
  },
  {
    id: 'FL-STORE-06',
    level: 'SHOULD',
    says: 'Every endpoint that flanneld is given SHOULD answer, have a leader and raise no alarm.',
    source: 'pkg/subnet/etcd/registry.go, newEtcdClient',
    profiles,
    proof: seenBy('datastore/endpoint:unreachable', 'datastore/endpoint:unhealthy'),
  },
  {
    id: 'FL-STORE-07',
    level: 'SHOULD',
    says: 'Up to v0.17.0 the clocks of hosts and etcd SHOULD agree within the margin of renewal: the end of a lease is an absolute time.',
    source: 'subnet/etcdv2/local_manager.go, MonitorLease in main.go',
    until: 'v0.18.0',
    profiles,
    proof: seenBy('datastore/clock:skewed'),
  },
  {
    id: 'FL-STORE-08',
    level: 'MUST',
    says: 'Up to v0.13.0 every key below PREFIX/subnets MUST be a subnet: any other blocks the watch.',
    source: 'subnet/watch.go and subnet/etcdv2/registry.go, watchSubnets',
    until: 'v0.14.0',
    profiles,
    proof: seenBy('lease/record:blocks-watch'),
  },
  {
    id: 'FL-STORE-09',
    level: 'MUST',
    says: 'The value of every key below PREFIX/subnets MUST be a lease that flanneld can read.',
    source: 'pkg/subnet/subnet.go, ParseSubnetKey; pkg/lease/lease.go, LeaseAttrs',
    profiles,
    proof: seenBy('lease/record:unreadable'),
  },
  {
    id: 'FL-STORE-10',
    level: 'MUST',
    says: 'The TLS files that flanneld is given MUST be there, be certificates, be valid and be of the authority of etcd.',
    source: 'pkg/subnet/etcd/registry.go, newTlsConfig',
    profiles,
    proof: seenBy(
      'datastore/tls-files:expired',
      'datastore/tls-files:not-yet-valid',
      'datastore/tls-files:missing',
      'datastore/tls-files:no-certificate',
      'datastore/tls-files:other-authority',
    ),
  },
]
