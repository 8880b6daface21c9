/** What flanneld -ip-masq writes, and what it must achieve. */
import { type Clause, seenBy } from './clause.ts'

const profiles = ['ip-masq'] as const

export const IP_MASQ: readonly Clause[] = [
  {
    id: 'FL-MASQ-01',
    level: 'MUST',
    says: 'Up to v0.7.1 POSTROUTING MUST exempt the network from masquerade and masquerade what leaves it and what enters it.',
    source: 'network/ipmasq.go, rules; laboratory, v0.6.2 and v0.7.1',
    until: 'v0.8.0',
    profiles,
    proof: seenBy('netfilter/masquerade:missing'),
  },
  {
    id: 'FL-MASQ-02',
    level: 'MUST',
    says: 'From v0.8.0 to v0.19.2 POSTROUTING MUST have these rules and the exemption of what enters the own subnet.',
    source: 'network/iptables.go, masqRules',
    since: 'v0.8.0',
    until: 'v0.20.0',
    profiles,
    proof: seenBy('netfilter/masquerade:missing'),
  },
  {
    id: 'FL-MASQ-03',
    level: 'MUST',
    says: 'From v0.20.0 to v0.20.2 chain FLANNEL-POSTRTG MUST have the same rules and POSTROUTING a jump to it.',
    source: 'pkg/trafficmngr/iptables/iptables.go, masqRules',
    since: 'v0.20.0',
    until: 'v0.21.0',
    profiles,
    proof: seenBy('netfilter/masquerade:missing'),
  },
  {
    id: 'FL-MASQ-04',
    level: 'MUST',
    says: 'From v0.21.0 on FLANNEL-POSTRTG MUST return packets marked 0x4000 and what goes between the own subnet and the network, and masquerade the rest that leaves or enters the network.',
    source: 'pkg/trafficmngr/iptables/iptables.go, masqRules',
    since: 'v0.21.0',
    profiles,
    proof: seenBy('netfilter/masquerade:missing'),
  },
  {
    id: 'FL-MASQ-05',
    level: 'MUST',
    says: 'The exemptions that name a subnet MUST name that of the own lease.',
    source: 'pkg/trafficmngr/iptables/iptables.go, masqRules',
    since: 'v0.8.0',
    profiles,
    proof: seenBy('netfilter/masquerade:stale-subnet'),
  },
  {
    id: 'FL-MASQ-06',
    level: 'MUST',
    says: 'The address of a container MUST stay as it is on the way to a peer.',
    source: 'pkg/trafficmngr/iptables/iptables.go, masqRules: exempted inside the network',
    profiles,
    proof: seenBy('netfilter/container-masquerade:hides-source', 'path/rule:hides-source'),
  },
  {
    id: 'FL-MASQ-07',
    level: 'MUST',
    says: 'Containers MUST be masqueraded on the way out of the network.',
    source: 'pkg/trafficmngr/iptables/iptables.go, masqRules',
    profiles,
    proof: seenBy('netfilter/container-masquerade:none'),
  },
  {
    id: 'FL-MASQ-08',
    level: 'MAY',
    says: 'Docker MAY masquerade as well: double, but harmless behind the exemptions of flannel.',
    source: 'dist/mk-docker-opts.sh; laboratory, v0.20.2',
    profiles,
    proof: seenBy('netfilter/container-masquerade:double'),
  },
]
