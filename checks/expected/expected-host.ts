/**
 * What flannel should have written on one host. Dispatches to the backend, adds what all
 * backends share, and turns every absence into a reason instead of an error.
 */

import { maskPrefix } from '../model/address.ts'
import type { LeaseTable } from '../model/lease.ts'
import type { Backend, NetworkConfig } from '../model/network-config.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, Fact, HostName } from '../model/snapshot.ts'
import type { ClusterContext } from '../view.ts'
import { alloc } from './alloc.ts'
import type { BackendExpectation, BackendState } from './backend.ts'
import { type ClusterIdentity, clusterIdentity, peerNames } from './cluster-identity.ts'
import type { ExpectedHost, NoExpectation } from './expected.ts'
import { type ExternalLink, externalLink } from './external-link.ts'
import { type Generation, generationOf } from './generation.ts'
import { hostGw } from './host-gw.ts'
import type { Identity } from './identity.ts'
import { rules } from './iptables-rules.ts'
import { expectedIpv6 } from './ipv6.ts'
import { knownValue, type ObservedHost, observedHost } from './observed-host.ts'
import { routeLookup } from './route-lookup.ts'
import { udp } from './udp.ts'
import { vxlan } from './vxlan.ts'

const BACKENDS: Partial<Record<Backend, BackendExpectation>> = { vxlan, 'host-gw': hostGw, udp, alloc }

/** Everything known before the backend is asked. */
interface Subject {
  readonly snapshot: ClusterSnapshot
  readonly host: ObservedHost
  readonly config: NetworkConfig
  readonly leases: LeaseTable
  readonly identity: Identity
  readonly generation: Generation
  readonly external: ExternalLink | undefined
}

/** Names and clock for all checks of a run; `now` in milliseconds since 1970, from the run's clock. */
export function clusterContext(snapshot: ClusterSnapshot, now: number): ClusterContext {
  return { hostByPublicIp: clusterIdentity(snapshot).hostByPublicIp, now, snapshot }
}

const known = new WeakMap<ClusterSnapshot, Map<HostName, ExpectedHost | NoExpectation>>()

/**
 * The expected state of `host`, or why there is none; the same object on every call. Never throws; links, addresses,
 * configuration and leases must be known.
 */
export function expectedHost(snapshot: ClusterSnapshot, host: HostName): ExpectedHost | NoExpectation {
  const byHost = known.get(snapshot) ?? new Map<HostName, ExpectedHost | NoExpectation>()
  known.set(snapshot, byHost)
  const found = byHost.get(host) ?? compute(snapshot, host)
  byHost.set(host, found)
  return found
}

function compute(snapshot: ClusterSnapshot, host: HostName): ExpectedHost | NoExpectation {
  const { config, leases } = snapshot.datastore
  const hostSnapshot = snapshot.hosts.get(host)
  if (!hostSnapshot) return { cause: 'unknown-host', reason: 'the host is not in the snapshot' }
  if (!config.known) return absent('the network configuration', config)
  if (!leases.known) return absent('the leases', leases)
  const cluster = clusterIdentity(snapshot)
  const observed = cluster.observed.get(host)
  if (!observed) {
    const why = observedHost(hostSnapshot, undefined)
    return { cause: 'absent-fact', reason: 'absent' in why ? why.absent : 'the host could not be read' }
  }
  const identity = cluster.byHost.get(host)
  const problem = unsupported(observed, config.value, snapshot) ?? notIdentified(identity)
  if (problem) return problem
  const subject = subjectOf(
    { snapshot, host: observed, config: config.value, leases: leases.value },
    identity as Identity,
  )
  return build(subject, cluster)
}

function absent(what: string, fact: Fact<unknown> & { readonly known: false }): NoExpectation {
  return { cause: 'absent-fact', blockedBy: 'datastore', reason: `${what} could not be read: ${fact.detail}` }
}

function unsupported(
  host: ObservedHost,
  config: NetworkConfig,
  { datastore }: ClusterSnapshot,
): NoExpectation | undefined {
  if (host.options?.kubeSubnetMgr && datastore.etcd.known) {
    return {
      cause: 'unsupported',
      reason: 'flanneld takes its leases from Kubernetes, not from the etcd that was read',
    }
  }
  if (host.options?.kubeSubnetMgr === false && datastore.kubernetes.known) {
    return {
      cause: 'unsupported',
      reason: 'flanneld takes its leases from etcd, not from the Kubernetes that was read',
    }
  }
  if (BACKENDS[config.backend]) return undefined
  return { cause: 'unsupported', reason: `no expected state is known for backend ${config.backend}` }
}

function notIdentified(identity: Identity | NoExpectation | undefined): NoExpectation | undefined {
  if (!identity) return { cause: 'absent-fact', reason: 'the host could not be identified' }
  return 'lease' in identity ? undefined : identity
}

function subjectOf(
  base: Pick<Subject, 'snapshot' | 'host' | 'config' | 'leases'>,
  identity: Identity,
): Subject {
  const { host, config, snapshot } = base
  const traces = {
    addresses: host.addresses,
    routes: host.routes ?? [],
    ...present({ api: knownValue(snapshot.datastore.etcd)?.api, leaseVni: identity.lease.vni }),
  }
  return {
    ...base,
    identity,
    generation: generationOf(host.flanneld?.version, traces, config),
    external: externalLink(host, config, identity.lease.publicIp),
  }
}

function build(subject: Subject, cluster: ClusterIdentity): ExpectedHost | NoExpectation {
  const { host, config, leases, identity, generation, external } = subject
  const nameOf = peerNames(cluster, leases, identity.lease)
  const state = BACKENDS[config.backend]?.({
    config,
    generation,
    lease: identity.lease,
    leases: leases.leases,
    nameOf,
    externalLink: external,
    underlayRoute: host.routes && routeLookup(host.routes),
    links: host.links,
    addresses: host.addresses,
  })
  if (!state || 'reason' in state) return { cause: 'ambiguous', reason: state?.reason ?? 'unknown backend' }
  const { mtu, unusable, ...written } = Object.getOwnPropertyDescriptors(state)
  const expected = {
    config,
    generation,
    ...identity,
    ...present({
      externalLink: external,
      ipv6: expectedIpv6({ config, lease: identity.lease, leases: leases.leases, nameOf }),
    }),
    unknownSubnets: unknownSubnets(leases, state.unusable),
    subnetEnv: subnetEnv(subject, state.mtu),
    ...rules(subject),
  }
  // Lists stay as lazy as the backend gives them.
  return Object.defineProperties(expected, written) as typeof expected & typeof state
}

function unknownSubnets(
  leases: LeaseTable,
  unusable: BackendState['unusable'],
): ExpectedHost['unknownSubnets'] {
  const unreadable = leases.unreadable.flatMap(({ subnet }) => (subnet ? [maskPrefix(subnet)] : []))
  return [...unreadable, ...(unusable ?? []).map(({ subnet }) => maskPrefix(subnet))]
}

/** FLANNEL_SUBNET is the lease's address plus one (flannel `pkg/subnet/subnet.go`, `WriteSubnetFile`). */
function subnetEnv({ host, config, identity }: Subject, mtu: number | undefined): ExpectedHost['subnetEnv'] {
  const { subnet } = identity.lease
  return {
    network: maskPrefix(config.network),
    subnet: { address: (subnet.address + 1) >>> 0, length: subnet.length },
    ...present({ mtu, ipMasq: host.options?.ipMasq }),
  }
}
