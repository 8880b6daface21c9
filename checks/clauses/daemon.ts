/** What flanneld needs on its host, and what it picks there. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['core'] as const

export const DAEMON: readonly Clause[] = [
  {
    id: 'FL-DAEMON-01',
    level: 'MUST',
    says: 'flanneld MUST run on every host: peers are followed and the lease is renewed by it alone.',
    source: 'main.go, MonitorLease; pkg/subnet/watch.go, WatchLeases',
    profiles,
    proof: seenBy('daemon/process:not-running', 'daemon/process:options-as-one-word'),
  },
  {
    id: 'FL-DAEMON-02',
    level: 'MUST',
    says: 'Two flanneld on one host MUST NOT share link, subnet.env or prefix.',
    source: 'pkg/backend/vxlan/device.go, ensureLink; pkg/subnet/subnet.go, WriteSubnetFile',
    profiles,
    proof: seenBy('daemon/process:several'),
  },
  {
    id: 'FL-DAEMON-03',
    level: 'MUST',
    says: 'The external link that -iface names MUST exist and be up.',
    source: 'pkg/ipmatch/match.go, LookupExtIface',
    profiles,
    proof: seenBy(
      'underlay/external-link:missing',
      'underlay/external-link:down',
      'underlay/external-link:without-address',
      'underlay/external-link:enslaved',
    ),
  },
  {
    id: 'FL-DAEMON-04',
    level: 'MUST',
    says: 'The way to public IPs, etcd and the gateway MUST NOT lead into the overlay, nor into another network of the host.',
    source: 'pkg/backend/route_network.go and vxlan_network.go: routes of the whole network or of subnets',
    profiles,
    proof: seenBy('underlay/network-overlap:inside-network', 'underlay/network-overlap:on-two-links'),
  },
  {
    id: 'FL-DAEMON-05',
    level: 'SHOULD',
    says: 'Addresses of the underlay SHOULD be outside the range that subnets are leased from.',
    source: 'pkg/subnet/etcd/local_manager.go, allocateSubnet',
    profiles,
    proof: seenBy('underlay/network-overlap:inside-range'),
  },
  {
    id: 'FL-DAEMON-06',
    level: 'MUST',
    says: 'From v0.26.0 on br_netfilter MUST be loaded where flanneld starts without nftables mode.',
    source: 'main.go ("Failed to check br_netfilter")',
    since: 'v0.26.0',
    profiles,
    proof: seenBy('daemon/br-netfilter:missing'),
  },
  {
    id: 'FL-DAEMON-07',
    level: 'SHOULD',
    says: 'Every host SHOULD have an external link of the same MTU.',
    source: 'pkg/backend/vxlan/device.go and pkg/backend/udp: the MTU is the own link less the overhead',
    profiles,
    proof: seenBy('underlay/mtu:differs-between-hosts'),
  },
  {
    id: 'FL-DAEMON-08',
    level: 'MUST',
    says: 'flanneld MUST go on: a stopped one follows no peer and renews no lease.',
    source: 'main.go, MonitorLease; laboratory, v0.28.9',
    profiles,
    proof: seenBy('daemon/process-state:stopped', 'daemon/process-state:paused'),
  },
  {
    id: 'FL-DAEMON-09',
    level: 'SHOULD',
    says: 'Other network services SHOULD NOT manage the links of flannel.',
    source: 'laboratory, v0.28.9',
    profiles,
    proof: seenBy('daemon/network-service:network-manager-link', 'daemon/network-service:networkd-link'),
  },
  {
    id: 'FL-DAEMON-10',
    level: 'MUST',
    says: 'The external links of the hosts MUST have MACs of their own, and no other machine a public IP of a host.',
    source: 'pkg/backend/vxlan/vxlan_network.go, handleSubnetEvents: peers are reached by their public IP',
    profiles,
    proof: seenBy('underlay/peer-mac:duplicate', 'underlay/peer-mac:other-machine'),
  },
]
