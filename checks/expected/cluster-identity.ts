/**
 * Who is who in one snapshot: every host's own lease and, the other way round, the host
 * behind every lease. Computed once per snapshot in time linear in hosts and leases.
 */
import { formatAddress, formatPrefix } from '../model/address.ts'
import type { Lease, LeaseTable } from '../model/lease.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { KubernetesNode } from '../model/node.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import type { NoExpectation } from './expected.ts'
import { type Identity, identify } from './identity.ts'
import { leaseIndex } from './lease-index.ts'
import { nodesOfHosts } from './node-of-host.ts'
import { knownValue, type ObservedHost, observedHost, underlayAddresses } from './observed-host.ts'

/** Identity of every host of a snapshot. */
export interface ClusterIdentity {
  readonly observed: ReadonlyMap<HostName, ObservedHost>
  readonly byHost: ReadonlyMap<HostName, Identity | NoExpectation>
  readonly hostByLease: ReadonlyMap<Lease, HostName>
  readonly hostByPublicIp: ReadonlyMap<number, HostName>
  /** Empty where the leases are kept in etcd. */
  readonly nodeByHost: ReadonlyMap<HostName, KubernetesNode>
  /** The same the other way round, by the name of the node. */
  readonly hostByNode: ReadonlyMap<string, HostName>
}

const identities = new WeakMap<ClusterSnapshot, ClusterIdentity>()

/** The identities of a snapshot; the same object on every call with the same snapshot. */
export function clusterIdentity(snapshot: ClusterSnapshot): ClusterIdentity {
  const known = identities.get(snapshot)
  if (known) return known
  const { config, leases, kubernetes } = snapshot.datastore
  const observed = observedHosts(snapshot)
  const nodeByHost = kubernetes.known
    ? nodesOfHosts(kubernetes.value, observed)
    : new Map<HostName, KubernetesNode>()
  const byHost =
    config.known && leases.known
      ? identifyAll({ observed, nodeByHost }, config.value, leases.value)
      : new Map<HostName, Identity | NoExpectation>()
  const hostByNode = new Map([...nodeByHost].map(([host, { name }]) => [name, host]))
  const identity = { observed, byHost, nodeByHost, hostByNode, ...hostNames(byHost) }
  identities.set(snapshot, identity)
  return identity
}

function observedHosts(snapshot: ClusterSnapshot): ReadonlyMap<HostName, ObservedHost> {
  const prefix = knownValue(snapshot.datastore.etcd)?.prefix
  const hosts = new Map<HostName, ObservedHost>()
  for (const [name, host] of snapshot.hosts) {
    const observed = observedHost(host, prefix)
    if (!('absent' in observed)) hosts.set(name, observed)
  }
  return hosts
}

function identifyAll(
  { observed, nodeByHost }: Pick<ClusterIdentity, 'observed' | 'nodeByHost'>,
  config: NetworkConfig,
  leases: LeaseTable,
): ReadonlyMap<HostName, Identity | NoExpectation> {
  const owners = addressOwners(observed, config)
  const byHost = new Map<HostName, Identity | NoExpectation>()
  for (const [name, host] of observed) {
    const isElsewhere = (address: number) => owners.get(address)?.some((owner) => owner !== name) ?? false
    byHost.set(
      name,
      identify({ host, config, leases, isElsewhere, ...present({ node: nodeByHost.get(name) }) }),
    )
  }
  return byHost
}

function addressOwners(
  observed: ReadonlyMap<HostName, ObservedHost>,
  config: NetworkConfig,
): ReadonlyMap<number, readonly HostName[]> {
  const owners = new Map<number, HostName[]>()
  for (const [name, host] of observed) {
    for (const { prefix } of underlayAddresses(host, config)) {
      if (!prefix) continue
      const names = owners.get(prefix.address) ?? []
      owners.set(prefix.address, [...names, name])
    }
  }
  return owners
}

/** Where two hosts claim one public IP, the one that has the address keeps the name. */
function hostNames(byHost: ReadonlyMap<HostName, Identity | NoExpectation>) {
  const hostByLease = new Map<Lease, HostName>()
  const hostByPublicIp = new Map<number, HostName>()
  const found = [...byHost].flatMap(([name, one]) => ('lease' in one ? [{ name, ...one }] : []))
  const ordered = found.sort((a, b) => rank(a.identifiedBy) - rank(b.identifiedBy))
  for (const { name, lease } of ordered) {
    if (!hostByLease.has(lease)) hostByLease.set(lease, name)
    if (!hostByPublicIp.has(lease.publicIp)) hostByPublicIp.set(lease.publicIp, name)
  }
  return { hostByLease, hostByPublicIp }
}

function rank(identifiedBy: Identity['identifiedBy']): number {
  return identifiedBy === 'address' || identifiedBy === 'node' ? 0 : 1
}

const names = new WeakMap<ClusterIdentity, (lease: Lease) => HostName>()

/**
 * What the host of a lease is called, as seen from the host of `own`; the same function for all hosts but those that share
 * their public IP with a lease of no host. Such a lease has the name of its subnet there: no host is a peer of itself.
 */
export function peerNames(
  cluster: ClusterIdentity,
  leases: LeaseTable,
  own: Lease,
): (lease: Lease) => HostName {
  const nameOf = nameFrom(cluster)
  const same = leaseIndex(leases).byPublicIp.get(own.publicIp) ?? []
  const nobodys = new Set(same.filter((lease) => lease !== own && !cluster.hostByLease.has(lease)))
  return nobodys.size === 0
    ? nameOf
    : (lease) => (nobodys.has(lease) ? formatPrefix(lease.subnet) : nameOf(lease))
}

function nameFrom(cluster: ClusterIdentity): (lease: Lease) => HostName {
  const known = names.get(cluster)
  if (known) return known
  const { hostByLease, hostByPublicIp } = cluster
  const nameOf = (lease: Lease): HostName =>
    hostByLease.get(lease) ?? hostByPublicIp.get(lease.publicIp) ?? formatAddress(lease.publicIp)
  names.set(cluster, nameOf)
  return nameOf
}
