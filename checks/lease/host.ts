// flannel never removes the lease of a host that went away: it lives for up to 24 h after the last
// renewal (`pkg/subnet/etcd/local_manager.go`, `subnetTTL`), forever when it is a reservation without
// expiry, and peers keep routes to it. A host whose address changed leaves its old lease behind
// (v0.18.0 and later).
import { defineClusterCheck } from '../define.ts'
import { needsPeersOnLink } from '../expected/backend.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import type { NoExpectation } from '../expected/expected.ts'
import type { Identity } from '../expected/identity.ts'
import { deleteKey } from '../heal/steps.ts'
import { containsAddress, formatAddress, formatPrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { NOT_READ } from '../reasons-by-place.ts'

/** Leases named in the sentence; the rest are counted. */
const NAMED = 5

function list(leases: readonly Lease[]): string {
  const names = leases
    .slice(0, NAMED)
    .map(({ subnet, publicIp }) => `${formatPrefix(subnet)} (${formatAddress(publicIp)})`)
  const more = leases.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}

function isOnLink({ publicIp }: Lease, addresses: readonly LinkAddress[]): boolean {
  return addresses.some(({ prefix }) => prefix !== undefined && containsAddress(prefix, publicIp))
}

function nobodyKnows(name: HostName, { hosts }: ClusterSnapshot) {
  const isRead = hosts.get(name)?.unreachable === undefined
  return { unsure: `${name}: ${isRead ? 'which lease is its own is not known' : NOT_READ}` }
}

function offLinkLease({ subnet: prefix, publicIp: address, key }: Lease) {
  const [subnet, publicIp] = [formatPrefix(prefix), formatAddress(address)]
  const place = { host: publicIp, object: named('lease', subnet), observed: publicIp }
  return { code: 'off-link' as const, ...place, data: { subnet, publicIp, key } }
}

type Addressed = ReadonlyMap<HostName, { readonly facts: { readonly addresses: readonly LinkAddress[] } }>

/** Which host has an address. */
function ownersOf(hosts: Addressed): ReadonlyMap<string, HostName> {
  return new Map(
    [...hosts].flatMap(([host, { facts }]) => facts.addresses.map(({ address }) => [address, host] as const)),
  )
}

/** A lease whose public IP is an address of a host that has another one. */
function* formerLease(
  { subnet, publicIp, key }: Lease,
  owners: ReadonlyMap<string, HostName>,
  byHost: ReadonlyMap<HostName, Identity | NoExpectation>,
) {
  const address = formatAddress(publicIp)
  const owner = owners.get(address)
  const identity = owner === undefined ? undefined : byHost.get(owner)
  if (owner === undefined || identity === undefined || !('lease' in identity)) return
  const name = formatPrefix(subnet)
  const data = { subnet: name, publicIp: address, owner, own: formatPrefix(identity.lease.subnet), key }
  yield { code: 'former' as const, host: address, object: named('lease', name), observed: address, data }
}

export const check = defineClusterCheck({
  id: 'lease/host',
  title: 'Host behind each lease',
  backends: 'any',
  needs: ['leases', 'config', 'links', 'addresses'],
  findings: {
    orphan: {
      severity: 'info',
      confidence: 'likely',
      says: 'no host of the inventory has {count} of {all} leases: {observed}',
      fix: 'If the host is gone for good, delete its key (for example {key}); peers drop the routes at once. Otherwise add the host to the inventory.',
      withPods: {
        fix: 'Add the nodes to the inventory, or delete the node objects of machines that are gone for good (`kubectl delete node`).',
      },
    },
    former: {
      severity: 'warning',
      confidence: 'likely',
      says: 'lease {subnet} is a former one of {owner}, which has {publicIp} still and took {own} with another public IP: peers keep routes to it, and {owner} itself takes it for a peer',
      fix: 'Delete its key {key}, then restart flanneld on {owner} and Docker after it; it ends by itself within a day of its last renewal.',
      heal: [deleteKey('{key}', 'nobody keeps a route to the former subnet')],
      explains: [
        { code: 'dataplane/lease-ping:*', when: 'peer-of' },
        { code: 'route/shadowed:*', when: 'peer-of' },
      ],
    },
    'off-link': {
      severity: 'warning',
      confidence: 'likely',
      says: 'lease {subnet} belongs to no host of the inventory, and its public IP {publicIp} is on no link of them: host-gw has no way there, and every flanneld tries again every 10 s',
      fix: 'If the host is gone for good, delete its key {key}. Otherwise add it to the inventory: host-gw needs all hosts on one link.',
      withPods: {
        fix: 'If the machine is gone for good, delete its node object. Otherwise add it to the inventory: host-gw needs all nodes on one link.',
      },
      heal: [deleteKey('{key}', 'flanneld of the others no longer looks for a way to it')],
      explains: [
        { code: 'underlay/peer-on-link:not-on-link', when: 'peer-of' },
        { code: 'route/peer-subnet:missing', when: 'peer-of' },
        { code: 'daemon/log:entries-not-written', when: 'anywhere' },
      ],
    },
  },
  *evaluate({ facts: { leases: table, config }, hosts, cluster: { snapshot } }) {
    if (!snapshot.complete) return
    const { byHost, hostByLease, hostByPublicIp } = clusterIdentity(snapshot)
    // A second lease with the public IP of a known host is the matter of lease/public-ip.
    const isOwned = (lease: Lease) => hostByLease.has(lease) || hostByPublicIp.has(lease.publicIp)
    const orphans = table.leases.filter((lease) => !isOwned(lease))
    if (orphans.length === 0) return
    const nameless = [...snapshot.hosts.keys()].filter((name) => {
      const identity = byHost.get(name)
      return identity === undefined || ('reason' in identity && identity.cause !== 'no-lease')
    })
    yield* nameless.map((name) => nobodyKnows(name, snapshot))
    if (nameless.length > 0) return
    const owners = ownersOf(hosts)
    const former = orphans.filter(({ publicIp }) => owners.has(formatAddress(publicIp)))
    for (const lease of former) yield* formerLease(lease, owners, byHost)
    const own = [...hosts.values()].flatMap(({ facts: { addresses } }) => addresses)
    const gone = orphans.filter((lease) => !former.includes(lease))
    const offLink = needsPeersOnLink(config) ? gone.filter((lease) => !isOnLink(lease, own)) : []
    yield* offLink.map(offLinkLease)
    const [one] = gone
    if (one === undefined || offLink.length === gone.length) return
    const data = { count: gone.length, all: table.leases.length, key: one.key }
    yield { code: 'orphan', object: 'leases', observed: list(gone), prints: [one.key], data }
  },
})
