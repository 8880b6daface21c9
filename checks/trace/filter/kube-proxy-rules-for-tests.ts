/** Rules of kube-proxy in its modes iptables and nftables: a service at 10.96.0.10 for which 10.1.2.2 answers. */

export const PORT = '-p udp -m comment --comment "default/web cluster IP" -m udp --dport 50002'
export const TO_ENDPOINT =
  '-p udp -m comment --comment "default/web" -m udp -j DNAT --to-destination 10.1.2.2:50002'
export const SINGLE = [
  `-A KUBE-SEP-A ${TO_ENDPOINT}`,
  '-A KUBE-SVC-X -m comment --comment "default/web -> 10.1.2.2:50002" -j KUBE-SEP-A',
]

/** The chains of nat around those of a service. */
export function natOf(...service: readonly string[]): string[] {
  return [
    '*nat',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-SVC-X - [0:0]',
    ':KUBE-SEP-A - [0:0]',
    ':KUBE-SEP-B - [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    ':KUBE-POSTROUTING - [0:0]',
    ':KUBE-NODEPORTS - [0:0]',
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -j MASQUERADE --random-fully',
    `-A KUBE-SERVICES -d 10.96.0.10/32 ${PORT} -j KUBE-SVC-X`,
    '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    ...service,
    'COMMIT',
  ]
}

export const FILTER = [
  '*filter',
  ':FORWARD DROP [0:0]',
  ':KUBE-FORWARD - [0:0]',
  ':KUBE-SERVICES - [0:0]',
  ':FLANNEL-FWD - [0:0]',
  '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
  '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
]
export const FORWARDED = [
  '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
  '-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT',
  '-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
]
export const FLANNEL = ['-A FORWARD -j FLANNEL-FWD', '-A FLANNEL-FWD -s 10.1.0.0/16 -j ACCEPT']

/** kube-proxy of v1.34 in mode nftables, a service with two endpoints. */
export function kubeProxy({
  ends,
  checks = '',
}: {
  readonly ends: string
  readonly checks?: string
}): string {
  return `table ip kube-proxy {
    set cluster-ips { type ipv4_addr; elements = { 10.96.0.10, 10.96.0.1 } }
    set nodeport-ips { type ipv4_addr; elements = { 10.1.5.1 } }
    map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; ${checks} }
    map service-ips { type ipv4_addr . inet_proto . inet_service : verdict;
      elements = { 10.96.0.10 . udp . 50002 : goto service-web, 10.96.0.1 . tcp . 443 : goto service-api } }
    map service-nodeports { type inet_proto . inet_service : verdict; }
    chain filter-prerouting { type filter hook prerouting priority -110; policy accept; }
    chain filter-forward { type filter hook forward priority -110; policy accept;
      ct state new jump service-endpoints-check; ct state new jump cluster-ips-check; }
    chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
    chain nat-postrouting { type nat hook postrouting priority srcnat; policy accept; jump masquerading; }
    chain cluster-ips-check { ip daddr @cluster-ips reject; ip daddr { 10.96.0.0/16 } drop; }
    chain service-endpoints-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services; }
    chain masquerading { meta mark & 0x4000 == 0 return; meta mark set meta mark ^ 0x4000; masquerade fully-random; }
    chain mark-for-masquerade { meta mark set meta mark | 0x4000; }
    chain reject-chain { reject; }
    chain services { ip daddr . meta l4proto . th dport vmap @service-ips;
      ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports; }
    chain service-api { reject; }
    chain service-web { ip daddr 10.96.0.10 udp dport 50002 ip saddr != 10.1.0.0/16 jump mark-for-masquerade; ${ends} }
    chain endpoint-a { ip saddr 10.1.2.2 jump mark-for-masquerade; meta l4proto udp dnat to 10.1.2.2:50002; }
    chain endpoint-b { ip saddr 10.1.2.2 jump mark-for-masquerade; meta l4proto udp dnat to 10.1.2.2:50002; }
  }`
}
