/** Docker behind flannel: its options, its bridge, its containers. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['docker-bridge'] as const

export const DOCKER: readonly Clause[] = [
  {
    id: 'FL-DOCKER-01',
    level: 'MUST',
    says: '--bip of dockerd MUST be FLANNEL_SUBNET.',
    source: 'dist/mk-docker-opts.sh',
    profiles,
    proof: seenBy('bridge/docker-options:bip-differs'),
  },
  {
    id: 'FL-DOCKER-02',
    level: 'MUST',
    says: '--bip MUST be an address of hosts, not the network address of the subnet.',
    source: 'libnetwork/drivers/bridge/setup_ipv4_linux.go',
    profiles,
    proof: seenBy('bridge/docker-options:bip-is-network'),
  },
  {
    id: 'FL-DOCKER-03',
    level: 'MUST',
    says: '--mtu of dockerd MUST NOT be more than FLANNEL_MTU.',
    source: 'dist/mk-docker-opts.sh',
    profiles,
    proof: seenBy('bridge/docker-options:mtu-differs'),
  },
  {
    id: 'FL-DOCKER-04',
    level: 'MUST',
    says: 'Where flanneld does not masquerade, dockerd MUST: --ip-masq is the opposite of FLANNEL_IPMASQ.',
    source: 'dist/mk-docker-opts.sh',
    profiles,
    proof: seenBy('bridge/docker-options:ip-masq-differs'),
  },
  {
    id: 'FL-DOCKER-05',
    level: 'MUST',
    says: 'An option of dockerd MUST NOT be set by flag and daemon.json at once.',
    source: 'dockerd, cmd/dockerd/daemon.go: conflicting options',
    profiles,
    proof: seenBy('bridge/docker-options:set-twice'),
  },
  {
    id: 'FL-DOCKER-06',
    level: 'MUST',
    says: 'The file of mk-docker-opts.sh MUST give the options that subnet.env asks for.',
    source: 'dist/mk-docker-opts.sh',
    profiles,
    proof: seenBy(
      'bridge/docker-options-file:differs',
      'bridge/docker-options-file:empty',
      'bridge/docker-options-file:junk',
    ),
  },
  {
    id: 'FL-DOCKER-07',
    level: 'MUST',
    says: 'dockerd MUST run with the options of the file: it is restarted after a change.',
    source: 'docker.service, EnvironmentFile',
    profiles,
    proof: seenBy('bridge/docker-options-file:not-used'),
  },
  {
    id: 'FL-DOCKER-08',
    level: 'SHOULD',
    says: 'docker.service SHOULD start after flanneld.service and read the file of mk-docker-opts.sh.',
    source: 'main.go, daemon.SdNotify; dist/mk-docker-opts.sh',
    profiles,
    proof: seenBy(
      'daemon/unit-order:docker-before-flannel',
      'daemon/unit-order:options-not-read',
      'daemon/unit-order:options-as-one-word',
    ),
  },
  {
    id: 'FL-DOCKER-09',
    level: 'MUST',
    says: 'While dockerd runs, its chains MUST be in the packet filter.',
    source: 'libnetwork/drivers/bridge/setup_ip_tables_linux.go',
    profiles,
    proof: seenBy('netfilter/docker-rules:missing'),
  },
  {
    id: 'FL-DOCKER-10',
    level: 'MAY',
    says: 'Docker networks outside the lease MAY exist: flannel does not route them.',
    source: 'pkg/backend/route_network.go: leases only',
    profiles,
    proof: seenBy('bridge/docker-network:outside-lease'),
  },
]
