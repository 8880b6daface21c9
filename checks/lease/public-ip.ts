// A lease belongs to whoever has its PublicIP: flanneld re-uses the first lease with its own public IP
// (`pkg/subnet/etcd/local_manager.go`, `findLeaseByIP`), and peers send encapsulated packets to that
// address. Two hosts with one public IP (NAT addresses of virtual machines, clones) share one key and
// one subnet; two leases with one public IP send the traffic of both subnets to one host.

import type { Explains } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { externalLink } from '../expected/external-link.ts'
import { leaseIndex } from '../expected/lease-index.ts'
import { orphanDeletion } from '../heal/orphan-lease.ts'
import { restartFix } from '../heal/restart-daemon.ts'
import type { Fix } from '../heal-step.ts'
import { formatAddress, formatPrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import { named } from '../model/named.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import { present } from '../model/present.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'

/** Of the wrong host's own state: it keeps what it had, so its facts contradict the lease. */
const CONTRADICTIONS: readonly Explains[] = [
  { code: 'lease/own:*', when: 'anywhere' },
  { code: 'lease/vtep-mac:duplicate', when: 'anywhere' },
  { code: 'underlay/public-ip:not-on-host', when: 'anywhere' },
  { code: 'tunnel/local-address:*', when: 'anywhere' },
  { code: 'link/mac:differs-from-lease', when: 'anywhere' },
  { code: 'bridge/container-address:duplicate', when: 'anywhere' },
  { code: 'fdb/peer-vtep:wrong-destination', when: 'anywhere' },
  { code: 'route/peer-subnet:wrong-gateway', when: 'anywhere' },
  { code: 'subnet-env/subnet:differs-from-lease', when: 'involves-host' },
  { code: 'link/address:wrong', when: 'involves-host' },
  { code: 'netfilter/masquerade:stale-subnet', when: 'involves-host' },
  { code: 'lease/peer:*', when: 'involves-host' },
  { code: 'route/peer-subnet:*', when: 'involves-host' },
  { code: 'neighbour/peer-vtep:*', when: 'involves-host' },
  { code: 'fdb/peer-vtep:*', when: 'involves-host' },
]

interface Claim {
  readonly name: HostName
  readonly lease: Lease
}

/** Hosts by the lease they take for their own, where more than one does. */
function sharedLeases(claims: readonly Claim[]): ReadonlyMap<Lease, readonly HostName[]> {
  const hosts = new Map<Lease, HostName[]>()
  for (const { lease, name } of claims) hosts.set(lease, [...(hosts.get(lease) ?? []), name])
  return new Map([...hosts].filter(([, names]) => names.length > 1))
}

/** Each host that has not the shared address tells its own; none for one whose address is not known. */
function ownAddresses(
  names: readonly HostName[],
  lease: Lease,
  { snapshot, config }: { readonly snapshot: ClusterSnapshot; readonly config: NetworkConfig },
): readonly Fix[] {
  const { observed } = clusterIdentity(snapshot)
  const fixes = names.map((name): readonly Fix[] => {
    const [host, seen] = [snapshot.hosts.get(name), observed.get(name)]
    const address = seen && externalLink(seen, config)?.address
    if (host === undefined || address === undefined) return []
    if (address === lease.publicIp) return []
    const own = { restart: 'flanneld', options: [`-public-ip=${formatAddress(address)}`] } as const
    const context = { values: {}, snapshot }
    return [...restartFix(host, own, context), ...restartFix(host, { restart: 'docker' }, context)]
  })
  return fixes.flat()
}

export const check = defineClusterCheck({
  id: 'lease/public-ip',
  title: 'Public IP of each lease',
  backends: 'any',
  needs: ['leases', 'config', 'addresses', 'links'],
  findings: {
    duplicate: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'public IP {publicIp} stands in {count} leases ({observed}): peers send the traffic of all these subnets to one host',
      fix: 'Find the host behind each subnet (`grep SUBNET /run/flannel/subnet.env`), give each flanneld its own -iface or -public-ip, delete the wrong key and restart flanneld there.',
      withPods: {
        fix: 'Give each flanneld its own interface (--iface, --iface-can-reach or --public-ip in the DaemonSet), and restart every flannel pod.',
      },
      explains: CONTRADICTIONS,
    },
    shared: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{observed} all use lease {subnet}, because each has {publicIp} as public IP: containers get the same addresses and one host gets all their traffic',
      fix: 'Give flanneld on each of these hosts its own -iface (the link the hosts reach each other by) or -public-ip, restart flanneld, then Docker.',
      withPods: {
        fix: 'Give each flanneld its own interface (--iface, --iface-can-reach or --public-ip in the DaemonSet), and restart every flannel pod.',
      },
      explains: CONTRADICTIONS,
    },
  },
  *evaluate({ facts: { leases, config }, cluster: { snapshot, hostByPublicIp } }) {
    const { byHost } = clusterIdentity(snapshot)
    for (const [publicIp, same] of leaseIndex(leases).byPublicIp) {
      if (same.length < 2) continue
      const host = hostByPublicIp.get(publicIp)
      const address = formatAddress(publicIp)
      const observed = same.map(({ subnet }) => formatPrefix(subnet)).join(', ')
      const place = { object: named('public IP', address), ...present({ host }) }
      const { heal, data: orphans } = orphanDeletion(same, snapshot)
      const data = { publicIp: address, count: same.length, ...orphans }
      yield { code: 'duplicate', ...place, expected: 'one lease', observed, data, heal }
    }
    const claims = [...byHost].flatMap(([name, one]) => ('lease' in one ? [{ name, lease: one.lease }] : []))
    for (const [lease, names] of sharedLeases(claims)) {
      const subnet = formatPrefix(lease.subnet)
      const data = { subnet, publicIp: formatAddress(lease.publicIp) }
      const [host, peer] = names as [HostName, HostName]
      const fixes = ownAddresses(names, lease, { snapshot, config })
      const place = { host, peer, object: named('lease', subnet), observed: names.join(', ') }
      yield { code: 'shared', ...place, data, ...(fixes.length > 0 && { fixes }) }
    }
  },
})
