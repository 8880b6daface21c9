/** The bridge of the containers, by Docker or by CNI, and what hangs on it. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['docker-bridge', 'cni-bridge'] as const

export const CONTAINER_BRIDGE: readonly Clause[] = [
  {
    id: 'FL-BRIDGE-01',
    level: 'MUST',
    says: 'The container bridge MUST exist and be up.',
    source: 'libnetwork/drivers/bridge/setup_device_linux.go; CNI plugins/main/bridge',
    profiles,
    proof: seenBy('bridge/link:missing', 'bridge/link:down'),
  },
  {
    id: 'FL-BRIDGE-02',
    level: 'MUST',
    says: 'The container bridge MUST have FLANNEL_SUBNET as its address.',
    source: 'dist/mk-docker-opts.sh; CNI plugin flannel, delegate',
    profiles,
    proof: seenBy('bridge/address:missing', 'bridge/address:wrong-subnet'),
  },
  {
    id: 'FL-BRIDGE-03',
    level: 'MUST',
    says: 'The MTU of the container bridge MUST NOT be more than FLANNEL_MTU.',
    source: 'dist/mk-docker-opts.sh',
    profiles,
    proof: seenBy('bridge/mtu:too-large'),
  },
  {
    id: 'FL-BRIDGE-04',
    level: 'MUST',
    says: 'Every container MUST have an address of the own subnet that no other container has, and a MAC that no other one of its bridge has.',
    source: 'pkg/backend/route_network.go: a peer sends a subnet to one host',
    profiles,
    proof: seenBy(
      'bridge/container-address:outside-subnet',
      'bridge/container-address:too-wide',
      'bridge/container-address:duplicate',
      'bridge/container-mac:shared',
    ),
  },
  {
    id: 'FL-BRIDGE-05',
    level: 'MUST',
    says: 'The MTU inside a container MUST NOT be more than FLANNEL_MTU.',
    source: 'dist/mk-docker-opts.sh',
    profiles,
    proof: seenBy('bridge/container-mtu:too-large', 'bridge/container-mtu:smaller-than-port'),
  },
  {
    id: 'FL-BRIDGE-06',
    level: 'MUST',
    says: 'The default route of a container MUST lead to the address of its bridge and leave the source to be an address of the subnet.',
    source: 'libnetwork/drivers/bridge; CNI plugins/main/bridge, isGateway',
    profiles,
    proof: seenBy(
      'bridge/container-gateway:missing',
      'bridge/container-gateway:overlay-only',
      'cni/delegate:without-gateway',
      'bridge/container-gateway:wrong',
      'bridge/container-gateway:other-source',
    ),
  },
  {
    id: 'FL-BRIDGE-07',
    level: 'MUST',
    says: 'The link of every container MUST be a port of the bridge, up and forwarding.',
    source: 'Linux net/bridge/br_forward.c',
    profiles,
    proof: seenBy('bridge/port:detached', 'bridge/port:down'),
  },
  {
    id: 'FL-BRIDGE-08',
    level: 'SHOULD',
    says: 'A container with several networks SHOULD send to the subnets of other hosts by the bridge of its own.',
    source: 'libnetwork, default gateway of a sandbox with several endpoints',
    profiles,
    proof: seenBy('bridge/container-gateway:by-other-network'),
  },
  {
    id: 'FL-BRIDGE-09',
    level: 'SHOULD',
    says: 'A port of a host that is published for a container SHOULD lead to that container, and no rule to one that is gone.',
    source: 'libnetwork/drivers/bridge/port_mapping_linux.go; CNI plugins/meta/portmap',
    profiles,
    proof: seenBy(
      'path/published-port:nobody',
      'path/published-port:hidden',
      'path/published-port:taken',
      'path/published-port:unasked',
    ),
  },
]
