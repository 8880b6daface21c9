/**
 * flannel's fixed numbers and default paths, each with the place in flannel that sets it.
 * They are named here once; no check repeats the literal.
 */

/** UDP port of the kernel's vxlan links when `Port` is 0 or absent (Linux `vxlan_core.c`, `vxlan_port`). */
export const VXLAN_PORT = 8472
/** UDP port of the udp backend (flannel `pkg/backend/udp/udp_amd64.go`, `defaultPort`). */
export const UDP_PORT = 8285
/** VNI when the backend names none (flannel `pkg/backend/vxlan/vxlan.go`, `defaultVNI`). */
export const DEFAULT_VNI = 1

/** Bytes vxlan adds: outer IPv4 20, UDP 8, VXLAN 8, inner Ethernet 14 (`vxlan_network.go`, `encapOverhead`). */
export const VXLAN_OVERHEAD = 50
/** Bytes the udp backend adds: IPv4 20, UDP 8 (`udp_network_amd64.go`, `encapOverhead`). */
export const UDP_OVERHEAD = 28

/** Seconds a lease lives without renewal (flannel `pkg/subnet/etcd/local_manager.go`, `subnetTTL`). */
export const LEASE_TTL_SECONDS = 86_400
/** Minutes before expiry at which flanneld renews (flannel `main.go`, flag `subnet-lease-renew-margin`). */
export const RENEW_MARGIN_MINUTES = 60

/** etcd key prefix (flannel `main.go`, flag `etcd-prefix`). */
export const ETCD_PREFIX = '/coreos.com/network'
/** etcd endpoints (flannel `main.go`, flag `etcd-endpoints`). */
export const ETCD_ENDPOINTS: readonly string[] = ['http://127.0.0.1:4001', 'http://127.0.0.1:2379']
/** The file other daemons read subnet and MTU from (flannel `main.go`, flag `subnet-file`). */
export const SUBNET_FILE = '/run/flannel/subnet.env'

/** flannel's image, whatever registry it comes from: `…/flannel:v0.28.9`, `rancher/hardened-flannel:…`. */
export const FLANNEL_IMAGE = /(^|[/-])flannel(:|@|$)/

/** Seconds between two checks of the iptables rules since v0.9.0 (flannel `main.go`, flag `iptables-resync`). */
export const IPTABLES_RESYNC_SECONDS = 5

/** Destinations never masqueraded: multicast (`pkg/trafficmngr/iptables/iptables.go`, `masqRules`). */
export const MULTICAST = '224.0.0.0/4'
/** Packet mark of kube-proxy, as iptables-save prints it (`pkg/trafficmngr/trafficmngr.go`, `KubeProxyMark`). */
export const KUBE_PROXY_MARK = '0x4000/0x4000'
