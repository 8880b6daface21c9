// A host takes part in the network while etcd holds its lease: flanneld looks for one with its own
// public IP and renews it once a day (`pkg/subnet/etcd/local_manager.go`, `AcquireLease`). When the
// key is deleted or expires, every peer removes its route to this host at once, and since v0.8.0
// flanneld stops ("Lease has been revoked"), leaving its own kernel state behind (`main.go`,
// `MonitorLease`).

import type { Explains } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import type { NoExpectation } from '../expected/expected.ts'
import { leaseIndex, subnetKey } from '../expected/lease-index.ts'
import { knownValue } from '../expected/observed-host.ts'
import { orphanDeletion } from '../heal/orphan-lease.ts'
import { RESTART_DOCKER, RESTART_FLANNELD, run } from '../heal/steps.ts'
import { containsAddress, formatAddress, formatPrefix, maskPrefix } from '../model/address.ts'
import type { Flanneld } from '../model/daemon.ts'
import type { FlanneldLog } from '../model/flanneld-log.ts'
import type { Lease, LeaseTable } from '../model/lease.ts'
import type { LinkAddress } from '../model/link.ts'
import { named, objectText } from '../model/named.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { ClusterSnapshot, Fact } from '../model/snapshot.ts'
import type { SubnetEnv } from '../model/subnet-env.ts'

const LOST_WITH_LEASE: readonly Explains[] = [
  { code: 'daemon/log:lease-lost', when: 'same-host' },
  { code: 'daemon/process:not-running', when: 'same-host' },
  { code: 'subnet-env/file:missing', when: 'same-host' },
  { code: 'subnet-env/subnet:differs-from-lease', when: 'same-host' },
  { code: 'lease/peer:*', when: 'same-host' },
  { code: 'link/flannel:missing', when: 'same-host' },
  { code: 'bridge/address:wrong-subnet', when: 'same-host' },
  { code: 'netfilter/masquerade:stale-subnet', when: 'same-host' },
  { code: 'route/stale-subnet:stale', when: 'anywhere' },
]

interface Observed {
  readonly subnetEnv: SubnetEnv | undefined
  readonly flanneld: Flanneld
  readonly leases: LeaseTable
  /** Its log is there, and a link has an address of the network. */
  readonly hasRun: boolean
}

/** A flanneld has said something here, and an address of the network is left of it. */
function hasRun(
  { addresses, config }: { readonly addresses: readonly LinkAddress[]; readonly config: NetworkConfig },
  log: Fact<FlanneldLog> | undefined,
): boolean {
  if (log?.known !== true || !log.value.tails.some(({ lines }) => lines.length > 0)) return false
  return addresses.some(({ prefix }) => prefix && containsAddress(config.network, prefix.address))
}

/** Why the absence of a lease proves nothing here; undefined when it does. */
function doubt({ subnetEnv, flanneld, leases, hasRun }: Observed): string | undefined {
  if (flanneld.processes.length === 0 && subnetEnv === undefined && !hasRun) {
    return 'flanneld does not run and there is no subnet.env: this host is not part of the network'
  }
  if (subnetEnv?.subnet === undefined && leases.unreadable.length > 0) {
    return "some records under subnets cannot be read and nothing says which one would be this host's"
  }
  return undefined
}

/** A record that no host has goes; else this host asks for another subnet. */
function giveWay(holder: Lease, snapshot: ClusterSnapshot) {
  const { heal, data } = orphanDeletion([holder], snapshot)
  return { data, ...(heal.length > 0 && { heal }) }
}

/** The lease of the subnet that this host says it has. */
function holderOf({ subnetEnv, leases }: Pick<Observed, 'subnetEnv' | 'leases'>) {
  const subnet = subnetEnv?.subnet && maskPrefix(subnetEnv.subnet)
  return { subnet, holder: subnet && leaseIndex(leases).bySubnet.get(subnetKey(subnet)) }
}

function draft(none: NoExpectation, { subnetEnv, leases }: Observed, snapshot: ClusterSnapshot) {
  const publicIp = none.publicIp === undefined ? 'its address' : formatAddress(none.publicIp)
  const { subnet, holder } = holderOf({ subnetEnv, leases })
  const name = subnet ? formatPrefix(subnet) : 'subnet'
  const data = { publicIp, count: leases.leases.length }
  const expected = `a lease with public IP ${publicIp}`
  if (subnet && holder) {
    const observed = formatAddress(holder.publicIp)
    const { data: orphans, ...heal } = giveWay(holder, snapshot)
    return {
      code: 'taken',
      object: named('lease', name),
      expected,
      observed,
      ...heal,
      data: { ...data, ...orphans, subnet: name, file: subnetEnv?.path ?? '' },
    } as const
  }
  const object = subnet ? `lease ${name}` : `lease of ${publicIp}`
  return { code: 'missing', object, expected, observed: 'no lease', data } as const
}

export const check = defineHostCheck({
  id: 'lease/own',
  title: "The host's own lease",
  backends: 'any',
  needs: ['links', 'addresses', 'flanneld', 'config', 'leases'],
  needsExpected: false,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no lease: no lease in etcd (of {count}) has {publicIp} as public IP, so peers do not know this host',
      fix: 'Restart flanneld on {host} and look at its log; then compare FLANNEL_SUBNET with the container bridge and restart Docker if it changed.',
      heal: [RESTART_FLANNELD],
      explains: LOST_WITH_LEASE,
    },
    taken: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} uses {subnet}, but its lease belongs to public IP {observed}: peers send that traffic there',
      fix: 'Find out which of the two hosts is right. On the other one stop flanneld, remove its subnet.env, start flanneld again and restart Docker.',
      heal: [run('rm {file}', 'flanneld no longer asks for that subnet'), RESTART_FLANNELD, RESTART_DOCKER],
      explains: LOST_WITH_LEASE,
    },
  },
  *evaluate({ facts, sources, host, cluster: { snapshot } }) {
    const identity = clusterIdentity(snapshot).byHost.get(host)
    if (identity === undefined) return yield { unsure: 'the host could not be identified' }
    if ('lease' in identity) return
    // What a node lacks to be a lease is said of the node.
    const isSaid = identity.cause !== 'no-lease' || snapshot.datastore.kubernetes.known
    if (isSaid) return yield { unsure: identity.reason }
    const others = snapshot.hosts.get(host)?.facts
    const observed = {
      ...facts,
      subnetEnv: others && knownValue(others.subnetEnv),
      hasRun: hasRun(facts, others?.flanneldLog),
    }
    const unsure = doubt(observed)
    if (unsure !== undefined) return yield { unsure }
    const found = draft(identity, observed, snapshot)
    const evidence = [{ source: sources.leases, excerpt: `${objectText(found.object)}: ${found.observed}` }]
    yield { ...found, evidence }
  },
})
