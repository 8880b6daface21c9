/** Every clause, by area. A clause is added at the end of its area: numbers are never moved. */
import type { Clause } from './clause.ts'
import { CNI } from './cni.ts'
import { CONTAINER_BRIDGE } from './container-bridge.ts'
import { DAEMON } from './daemon.ts'
import { DATASTORE } from './datastore.ts'
import { DOCKER } from './docker.ts'
import { DUAL_STACK } from './dual-stack.ts'
import { FORWARD_RULES } from './forward-rules.ts'
import { HOST_GW } from './host-gw.ts'
import { HOST_ROUTES } from './host-routes.ts'
import { IP_MASQ } from './ip-masq.ts'
import { KUBERNETES } from './kubernetes.ts'
import { KUBERNETES_ACCESS } from './kubernetes-access.ts'
import { KUBERNETES_NODES } from './kubernetes-nodes.ts'
import { LEASE } from './lease.ts'
import { LEASE_LIFECYCLE } from './lease-lifecycle.ts'
import { NETWORK_CONFIG } from './network-config.ts'
import { NFTABLES } from './nftables.ts'
import { RESILIENCE } from './resilience.ts'
import { SUBNET_ENV } from './subnet-env.ts'
import { UDP } from './udp.ts'
import { VXLAN } from './vxlan.ts'
import { VXLAN_PEERS } from './vxlan-peers.ts'

export const CLAUSES: readonly Clause[] = [
  ...DATASTORE,
  ...NETWORK_CONFIG,
  ...LEASE,
  ...DAEMON,
  ...SUBNET_ENV,
  ...HOST_ROUTES,
  ...VXLAN,
  ...VXLAN_PEERS,
  ...HOST_GW,
  ...UDP,
  ...FORWARD_RULES,
  ...IP_MASQ,
  ...NFTABLES,
  ...DOCKER,
  ...CONTAINER_BRIDGE,
  ...CNI,
  ...KUBERNETES,
  ...KUBERNETES_ACCESS,
  ...KUBERNETES_NODES,
  ...DUAL_STACK,
  ...LEASE_LIFECYCLE,
  ...RESILIENCE,
]
