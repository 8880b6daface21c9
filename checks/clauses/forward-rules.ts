/** What the packet filters of a host must let through. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['core'] as const

export const FORWARD_RULES: readonly Clause[] = [
  {
    id: 'FL-FWD-01',
    level: 'MUST',
    says: 'From v0.10.0 to v0.19.2 FORWARD MUST accept what comes from the network and what goes there, unless -iptables-forward-rules=false.',
    source: 'network/iptables.go, forwardRules',
    since: 'v0.10.0',
    until: 'v0.20.0',
    profiles,
    proof: seenBy('netfilter/flannel-forward-rules:missing'),
  },
  {
    id: 'FL-FWD-02',
    level: 'MUST',
    says: 'From v0.20.0 on chain FLANNEL-FWD MUST accept both, and FORWARD have a jump to it, unless -iptables-forward-rules=false.',
    source: 'pkg/trafficmngr/iptables/iptables.go, forwardRules',
    since: 'v0.20.0',
    profiles,
    proof: seenBy('netfilter/flannel-forward-rules:missing'),
  },
  {
    id: 'FL-FWD-03',
    level: 'MUST',
    says: 'Base chains at the forward hook MUST NOT drop traffic between flannel and the container bridge.',
    source: 'Linux net/netfilter/core.c, nf_hook_slow: every chain of the hook is asked',
    profiles,
    proof: seenBy('netfilter/forward:drop-policy', 'netfilter/forward:drop-rule'),
  },
  {
    id: 'FL-FWD-04',
    level: 'MUST',
    says: 'Rules before routing MUST NOT drop what peers send to containers.',
    source: 'Linux net/ipv4/ip_input.c, NF_INET_PRE_ROUTING; moby 49792',
    profiles,
    proof: seenBy('netfilter/prerouting:dropped'),
  },
  {
    id: 'FL-FWD-05',
    level: 'SHOULD',
    says: 'The policy of FORWARD SHOULD let container traffic through without the rules of flannel.',
    source: 'pkg/trafficmngr/iptables/iptables.go, forwardRules',
    profiles,
    proof: seenBy('netfilter/forward-policy:drop-bypassed'),
  },
  {
    id: 'FL-FWD-06',
    level: 'MUST',
    says: 'Where bridge-nf-call-iptables is 1, FORWARD MUST accept traffic between containers of the host.',
    source: 'Linux net/bridge/br_netfilter_hooks.c',
    profiles,
    proof: seenBy('netfilter/local-forward:dropped'),
  },
  {
    id: 'FL-FWD-07',
    level: 'MUST',
    says: 'The connection table MUST have room for new flows.',
    source: 'Linux net/netfilter/nf_conntrack_core.c, __nf_conntrack_alloc',
    profiles,
    proof: seenBy('netfilter/conntrack:full'),
  },
  {
    id: 'FL-FWD-08',
    level: 'SHOULD',
    says: 'The connection table SHOULD NOT be nearly full.',
    source: 'Linux net/netfilter/nf_conntrack_core.c, nf_conntrack_max',
    profiles,
    proof: seenBy('netfilter/conntrack:near-limit'),
  },
  {
    id: 'FL-FWD-09',
    level: 'MUST',
    says: 'No packet filter MUST take what hosts and containers of the network send each other, nor what carries it.',
    source: 'Linux net/netfilter/core.c, nf_hook_slow: one drop at any hook is enough',
    profiles,
    proof: seenBy(
      'path/rule:drops',
      'path/rule:drops-by-policy',
      'path/rule:drops-some',
      'path/rule:redirects',
      'path/service:protocol-dropped',
      'path/service:published-port-dropped',
    ),
  },
]
