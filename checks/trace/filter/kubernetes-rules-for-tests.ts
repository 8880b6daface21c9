/**
 * Rules as software of Kubernetes writes them: kube-proxy in its modes iptables and nftables, the CNI plugin portmap, and
 * two engines of network policies. The peer, 10.1.5.2, asks 10.96.0.10, for which the container, 10.1.2.2, answers.
 */
import type { RuleSet } from './kernel-rules-for-tests.ts'
import {
  FILTER,
  FLANNEL,
  FORWARDED,
  kubeProxy,
  natOf,
  PORT,
  SINGLE,
  TO_ENDPOINT,
} from './kube-proxy-rules-for-tests.ts'

type Fate = 'accept' | 'drop'

export interface KubernetesRules extends RuleSet {
  /** What becomes of a packet for the endpoint itself, and of one for the address of the service. */
  readonly direct: Fate
  readonly service: Fate
}

/** Base chains of kube-router and Calico in front of a policy for one pod. */
function policy(...words: readonly string[]): string[] {
  return [...FILTER, ':POLICY - [0:0]', ...words, ...FORWARDED, ...FLANNEL]
}

export const KUBERNETES_RULE_SETS: readonly KubernetesRules[] = [
  {
    name: 'kube-proxy, iptables, one endpoint',
    iptables: [...natOf(...SINGLE), ...FILTER, ...FORWARDED, ...FLANNEL],
    ...{ direct: 'accept', service: 'accept' },
  },
  {
    name: 'kube-proxy, iptables, two endpoints by lot, marked for masquerade',
    iptables: [
      ...natOf(
        `-A KUBE-SVC-X ! -s 10.2.0.0/16 -d 10.96.0.10/32 ${PORT} -j KUBE-MARK-MASQ`,
        '-A KUBE-SVC-X -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-A',
        '-A KUBE-SVC-X -j KUBE-SEP-B',
        `-A KUBE-SEP-A ${TO_ENDPOINT}`,
        `-A KUBE-SEP-B ${TO_ENDPOINT}`,
      ),
      ...FILTER,
      ...FORWARDED,
    ],
    // Without flannel's rules only what kube-proxy has marked is forwarded.
    ...{ direct: 'drop', service: 'accept' },
  },
  {
    name: 'kube-proxy, iptables, clients are remembered',
    iptables: [
      ...natOf(
        '-A KUBE-SVC-X -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-A --mask 255.255.255.255 --rsource -j KUBE-SEP-A',
        '-A KUBE-SVC-X -j KUBE-SEP-A',
        `-A KUBE-SEP-A -p udp -m recent --set --name KUBE-SEP-A --mask 255.255.255.255 --rsource -m udp -j DNAT --to-destination 10.1.2.2:50002`,
      ),
      ...FILTER,
      ...FORWARDED,
      ...FLANNEL,
    ],
    ...{ direct: 'accept', service: 'accept' },
  },
  {
    name: 'kube-proxy, iptables, its rules are gone',
    iptables: [
      ...natOf().filter((line) => !line.includes('-d 10.96.0.10')),
      ...FILTER,
      ...FORWARDED,
      ...FLANNEL,
    ],
    ...{ direct: 'accept', service: 'drop' },
  },
  {
    name: 'kube-proxy, iptables, no endpoint is known',
    iptables: [
      ...natOf().filter((line) => !line.includes('-d 10.96.0.10')),
      ...FILTER,
      '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "default/web has no endpoints" -m udp --dport 50002 -j REJECT',
      ...FORWARDED,
      ...FLANNEL,
    ],
    ...{ direct: 'accept', service: 'drop' },
  },
  {
    name: 'kube-proxy, nftables',
    nft: kubeProxy({ ends: 'numgen random mod 2 vmap { 0 : goto endpoint-a, 1 : goto endpoint-b };' }),
    ...{ direct: 'accept', service: 'accept' },
  },
  {
    name: 'kube-proxy, nftables, no endpoint',
    nft: kubeProxy({
      ends: 'reject;',
      checks: 'elements = { 10.96.0.10 . udp . 50002 : goto reject-chain }',
    }).replace('10.96.0.10 . udp . 50002 : goto service-web, ', ''),
    ...{ direct: 'accept', service: 'drop' },
  },
  {
    name: 'portmap of CNI',
    iptables: [
      '*nat',
      ':CNI-HOSTPORT-DNAT - [0:0]',
      ':CNI-HOSTPORT-MASQ - [0:0]',
      ':CNI-HOSTPORT-SETMARK - [0:0]',
      ':CNI-DN-0 - [0:0]',
      '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
      '-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
      '-A CNI-DN-0 -s 10.1.2.0/24 -p udp -m udp --dport 50002 -j CNI-HOSTPORT-SETMARK',
      '-A CNI-DN-0 -p udp -m udp --dport 50002 -j DNAT --to-destination 10.1.2.2:50002',
      '-A CNI-HOSTPORT-DNAT -p udp -m multiport --dports 50002 -j CNI-DN-0',
      '-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE',
      '-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000',
      'COMMIT',
      ...FILTER,
      ...FORWARDED,
      ...FLANNEL,
    ],
    ...{ direct: 'accept', service: 'drop' },
  },
  {
    name: 'kube-router: a policy lets the peer in',
    iptables: [
      ...natOf(...SINGLE),
      ...policy(
        '-I FORWARD 1 -d 10.1.2.2/32 -m comment --comment "rule to jump traffic destined to POD name:web" -j POLICY',
        '-A POLICY -m comment --comment "rule for stateful firewall for pod" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-A POLICY -m comment --comment "rule to drop invalid state for pod" -m conntrack --ctstate INVALID -j DROP',
        '-A POLICY -m addrtype --src-type LOCAL -d 10.1.2.2/32 -j ACCEPT',
        '-A POLICY -s 10.1.5.2/32 -j MARK --set-xmark 0x10000/0x10000',
        '-A POLICY -m mark ! --mark 0x10000/0x10000 -m limit --limit 10/min --limit-burst 10 -j NFLOG --nflog-group 100',
        '-A POLICY -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable',
        '-A POLICY -j MARK --set-xmark 0x0/0x10000',
        '-A POLICY -j MARK --set-xmark 0x20000/0x20000',
        '-A FORWARD -m mark --mark 0x20000/0x20000 -j ACCEPT',
      ),
    ],
    ...{ direct: 'accept', service: 'accept' },
  },
  {
    name: 'Calico, policy only: the pod takes no traffic',
    iptables: [
      ...natOf(...SINGLE),
      ...policy(
        '-I FORWARD 1 -m comment --comment "cali:wUHhoiAYhphO9Mso" -j POLICY',
        '-A POLICY -j MARK --set-xmark 0x0/0xe0000',
        '-A POLICY -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-A POLICY -o docker0 -m conntrack --ctstate INVALID -j DROP',
        '-A POLICY -o docker0 -m comment --comment "Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP',
      ),
    ],
    ...{ direct: 'drop', service: 'drop' },
  },
]
