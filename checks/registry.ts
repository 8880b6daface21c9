/**
 * Every check, in the order in which they run and print: by layer, causes before
 * their symptoms. Adding a check is two lines here and three files with one stem.
 */

import { check as bridgeAddress } from './bridge/address.ts'
import { check as bridgeCniBridge } from './bridge/cni-bridge.ts'
import { check as bridgeContainerAddress } from './bridge/container-address.ts'
import { check as bridgeContainerGateway } from './bridge/container-gateway.ts'
import { check as bridgeContainerMac } from './bridge/container-mac.ts'
import { check as bridgeContainerMtu } from './bridge/container-mtu.ts'
import { check as bridgeDockerNetwork } from './bridge/docker-network.ts'
import { check as bridgeDockerOptions } from './bridge/docker-options.ts'
import { check as bridgeDockerOptionsFile } from './bridge/docker-options-file.ts'
import { check as bridgeIpv6Gateway } from './bridge/ipv6-gateway.ts'
import { check as bridgeLink } from './bridge/link.ts'
import { check as bridgeMtu } from './bridge/mtu.ts'
import { check as bridgePort } from './bridge/port.ts'
import type { Check } from './check.ts'
import { check as cniAddressStore } from './cni/address-store.ts'
import { check as cniConfigOrder } from './cni/config-order.ts'
import { check as cniDelegate } from './cni/delegate.ts'
import { check as cniHairpin } from './cni/hairpin.ts'
import { check as cniPlugin } from './cni/plugin.ts'
import { check as cniPod } from './cni/pod.ts'
import { check as daemonBrNetfilter } from './daemon/br-netfilter.ts'
import { check as daemonFirewallService } from './daemon/firewall-service.ts'
import { check as daemonLog } from './daemon/log.ts'
import { check as daemonNetworkService } from './daemon/network-service.ts'
import { check as daemonProcess } from './daemon/process.ts'
import { check as daemonProcessState } from './daemon/process-state.ts'
import { check as daemonUnitOrder } from './daemon/unit-order.ts'
import { check as daemonVersion } from './daemon/version.ts'
import { check as dataplaneAnswer } from './dataplane/answer.ts'
import { check as dataplaneConnection } from './dataplane/connection.ts'
import { check as dataplaneFollowedPing } from './dataplane/followed-ping.ts'
import { check as dataplaneIpv6Ping } from './dataplane/ipv6-ping.ts'
import { check as dataplaneLeasePing } from './dataplane/lease-ping.ts'
import { check as dataplaneOverlayPing } from './dataplane/overlay-ping.ts'
import { check as dataplanePathMtu } from './dataplane/path-mtu.ts'
import { check as dataplaneTunnelPort } from './dataplane/tunnel-port.ts'
import { check as dataplaneUnderlayPing } from './dataplane/underlay-ping.ts'
import { check as datastoreApi } from './datastore/api.ts'
import { check as datastoreCapacity } from './datastore/capacity.ts'
import { check as datastoreClock } from './datastore/clock.ts'
import { check as datastoreClusterIdentity } from './datastore/cluster-identity.ts'
import { check as datastoreConfig } from './datastore/config.ts'
import { check as datastoreConfigAge } from './datastore/config-age.ts'
import { check as datastoreConfigKey } from './datastore/config-key.ts'
import { check as datastoreConfigMap } from './datastore/config-map.ts'
import { check as datastoreEndpoint } from './datastore/endpoint.ts'
import { check as datastoreFlanneldEndpoint } from './datastore/flanneld-endpoint.ts'
import { check as datastorePrefix } from './datastore/prefix.ts'
import { check as datastoreTlsFiles } from './datastore/tls-files.ts'
import { check as fdbPeerVtep } from './fdb/peer-vtep.ts'
import { check as leaseBackend } from './lease/backend.ts'
import { check as leaseHost } from './lease/host.ts'
import { check as leaseOwn } from './lease/own.ts'
import { check as leasePeer } from './lease/peer.ts'
import { check as leasePublicIp } from './lease/public-ip.ts'
import { check as leaseRecord } from './lease/record.ts'
import { check as leaseReservation } from './lease/reservation.ts'
import { check as leaseSubnet } from './lease/subnet.ts'
import { check as leaseTimeToLive } from './lease/time-to-live.ts'
import { check as leaseVtepMac } from './lease/vtep-mac.ts'
import { check as linkAddress } from './link/address.ts'
import { check as linkFlannel } from './link/flannel.ts'
import { check as linkIpv6Address } from './link/ipv6-address.ts'
import { check as linkIpv6Vtep } from './link/ipv6-vtep.ts'
import { check as linkMac } from './link/mac.ts'
import { check as linkMtu } from './link/mtu.ts'
import { check as neighbourPeerVtep } from './neighbour/peer-vtep.ts'
import { check as neighbourTable } from './neighbour/table.ts'
import { check as netfilterConntrack } from './netfilter/conntrack.ts'
import { check as netfilterContainerMasquerade } from './netfilter/container-masquerade.ts'
import { check as netfilterDockerRules } from './netfilter/docker-rules.ts'
import { check as netfilterFlannelForwardRules } from './netfilter/flannel-forward-rules.ts'
import { check as netfilterForeignChains } from './netfilter/foreign-chains.ts'
import { check as netfilterForward } from './netfilter/forward.ts'
import { check as netfilterForwardPolicy } from './netfilter/forward-policy.ts'
import { check as netfilterIpv6 } from './netfilter/ipv6.ts'
import { check as netfilterIpv6Masquerade } from './netfilter/ipv6-masquerade.ts'
import { check as netfilterLocalForward } from './netfilter/local-forward.ts'
import { check as netfilterMasquerade } from './netfilter/masquerade.ts'
import { check as netfilterOverlayPort } from './netfilter/overlay-port.ts'
import { check as netfilterPrerouting } from './netfilter/prerouting.ts'
import { check as nodeAnnotations } from './node/annotations.ts'
import { check as nodeDualStack } from './node/dual-stack.ts'
import { check as nodeFlanneld } from './node/flanneld.ts'
import { check as nodeNetworkUnavailable } from './node/network-unavailable.ts'
import { check as nodePodCidr } from './node/pod-cidr.ts'
import { check as nodePublicIp } from './node/public-ip.ts'
import { check as nodeRegisteredAgain } from './node/registered-again.ts'
import { PATH_CHECKS } from './path/path-checks.ts'
import { check as routeForeignNetwork } from './route/foreign-network.ts'
import { check as routeForwarding } from './route/forwarding.ts'
import { check as routeIpv6Forwarding } from './route/ipv6-forwarding.ts'
import { check as routeIpv6PeerSubnet } from './route/ipv6-peer-subnet.ts'
import { check as routeIpv6PolicyRule } from './route/ipv6-policy-rule.ts'
import { check as routeIpv6Shadowed } from './route/ipv6-shadowed.ts'
import { check as routeLinkForwarding } from './route/link-forwarding.ts'
import { check as routeLocalAddress } from './route/local-address.ts'
import { check as routeMtu } from './route/mtu.ts'
import { check as routeNetwork } from './route/network.ts'
import { check as routeNetworkOverlap } from './route/network-overlap.ts'
import { check as routeOwnSubnet } from './route/own-subnet.ts'
import { check as routePeerSubnet } from './route/peer-subnet.ts'
import { check as routePolicyRule } from './route/policy-rule.ts'
import { check as routeReversePathFilter } from './route/reverse-path-filter.ts'
import { check as routeShadowed } from './route/shadowed.ts'
import { check as routeStaleSubnet } from './route/stale-subnet.ts'
import { check as subnetEnvAge } from './subnet-env/age.ts'
import { check as subnetEnvFile } from './subnet-env/file.ts'
import { check as subnetEnvIpMasq } from './subnet-env/ip-masq.ts'
import { check as subnetEnvIpv6Mtu } from './subnet-env/ipv6-mtu.ts'
import { check as subnetEnvMtu } from './subnet-env/mtu.ts'
import { check as subnetEnvNetwork } from './subnet-env/network.ts'
import { check as subnetEnvSubnet } from './subnet-env/subnet.ts'
import { check as tunnelForeignVxlan } from './tunnel/foreign-vxlan.ts'
import { check as tunnelLocalAddress } from './tunnel/local-address.ts'
import { check as tunnelOffload } from './tunnel/offload.ts'
import { check as tunnelOptions } from './tunnel/options.ts'
import { check as tunnelPort } from './tunnel/port.ts'
import { check as tunnelSocket } from './tunnel/socket.ts'
import { check as tunnelUnderlayLink } from './tunnel/underlay-link.ts'
import { check as tunnelVni } from './tunnel/vni.ts'
import { check as underlayExternalLink } from './underlay/external-link.ts'
import { check as underlayIpv6PublicIp } from './underlay/ipv6-public-ip.ts'
import { check as underlayIpv6Route } from './underlay/ipv6-route.ts'
import { check as underlayMtu } from './underlay/mtu.ts'
import { check as underlayNetworkOverlap } from './underlay/network-overlap.ts'
import { check as underlayPeerMac } from './underlay/peer-mac.ts'
import { check as underlayPeerOnLink } from './underlay/peer-on-link.ts'
import { check as underlayPublicIp } from './underlay/public-ip.ts'

export const CHECKS: readonly Check[] = [
  datastoreEndpoint,
  datastoreClusterIdentity,
  datastoreClock,
  datastorePrefix,
  datastoreFlanneldEndpoint,
  datastoreTlsFiles,
  datastoreApi,
  datastoreConfigKey,
  datastoreConfigMap,
  datastoreConfig,
  datastoreConfigAge,
  datastoreCapacity,
  nodePodCidr,
  nodeRegisteredAgain,
  nodeAnnotations,
  nodeDualStack,
  nodePublicIp,
  nodeFlanneld,
  nodeNetworkUnavailable,
  leaseRecord,
  leaseOwn,
  leasePublicIp,
  leaseSubnet,
  leaseBackend,
  leaseVtepMac,
  leaseTimeToLive,
  leaseReservation,
  leaseHost,
  leasePeer,
  daemonProcess,
  daemonProcessState,
  daemonUnitOrder,
  daemonFirewallService,
  daemonNetworkService,
  daemonVersion,
  daemonBrNetfilter,
  daemonLog,
  subnetEnvFile,
  subnetEnvAge,
  subnetEnvNetwork,
  subnetEnvSubnet,
  subnetEnvMtu,
  subnetEnvIpv6Mtu,
  subnetEnvIpMasq,
  underlayExternalLink,
  underlayMtu,
  underlayPublicIp,
  underlayIpv6PublicIp,
  underlayIpv6Route,
  underlayNetworkOverlap,
  underlayPeerOnLink,
  underlayPeerMac,
  linkFlannel,
  linkMac,
  linkIpv6Vtep,
  linkIpv6Address,
  linkAddress,
  linkMtu,
  tunnelVni,
  tunnelForeignVxlan,
  tunnelPort,
  tunnelLocalAddress,
  tunnelUnderlayLink,
  tunnelOptions,
  tunnelOffload,
  tunnelSocket,
  routeForwarding,
  routeLinkForwarding,
  routeIpv6Forwarding,
  routeOwnSubnet,
  routeNetwork,
  routePeerSubnet,
  routeIpv6PeerSubnet,
  routeIpv6Shadowed,
  routeIpv6PolicyRule,
  routeShadowed,
  routePolicyRule,
  routeLocalAddress,
  routeNetworkOverlap,
  routeStaleSubnet,
  routeForeignNetwork,
  routeReversePathFilter,
  routeMtu,
  neighbourPeerVtep,
  neighbourTable,
  fdbPeerVtep,
  netfilterPrerouting,
  netfilterForward,
  netfilterIpv6,
  netfilterIpv6Masquerade,
  netfilterLocalForward,
  netfilterForwardPolicy,
  netfilterFlannelForwardRules,
  netfilterDockerRules,
  netfilterOverlayPort,
  netfilterMasquerade,
  netfilterContainerMasquerade,
  netfilterConntrack,
  netfilterForeignChains,
  cniConfigOrder,
  cniPlugin,
  cniAddressStore,
  cniHairpin,
  cniPod,
  cniDelegate,
  bridgeLink,
  bridgeAddress,
  bridgeCniBridge,
  bridgePort,
  bridgeMtu,
  bridgeDockerOptions,
  bridgeDockerNetwork,
  bridgeDockerOptionsFile,
  bridgeIpv6Gateway,
  bridgeContainerAddress,
  bridgeContainerMac,
  bridgeContainerMtu,
  bridgeContainerGateway,
  ...PATH_CHECKS,
  dataplaneUnderlayPing,
  dataplaneTunnelPort,
  dataplaneFollowedPing,
  dataplaneLeasePing,
  dataplaneOverlayPing,
  dataplanePathMtu,
  dataplaneAnswer,
  dataplaneConnection,
  dataplaneIpv6Ping,
]
