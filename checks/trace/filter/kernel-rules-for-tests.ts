/** Rule sets that the kernel and the walk must agree on. The router under test forwards flannel.1 ↔ docker0. */

export interface RuleSet {
  readonly name: string
  /** Input of iptables-restore, table filter unless it says otherwise. */
  readonly iptables?: readonly string[]
  readonly legacy?: readonly string[]
  /** Input of `nft -f -`. */
  readonly nft?: string
}

const POLICY_DROP = ['*filter', ':FORWARD DROP [0:0]']
const DOCKER = [
  ':DOCKER - [0:0]',
  ':DOCKER-ISOLATION-STAGE-1 - [0:0]',
  ':DOCKER-ISOLATION-STAGE-2 - [0:0]',
  ':DOCKER-USER - [0:0]',
  '-A FORWARD -j DOCKER-USER',
  '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
  '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A FORWARD -o docker0 -j DOCKER',
  '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
  '-A FORWARD -i docker0 -o docker0 -j ACCEPT',
  '-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2',
  '-A DOCKER-ISOLATION-STAGE-1 -j RETURN',
  '-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP',
  '-A DOCKER-ISOLATION-STAGE-2 -j RETURN',
  '-A DOCKER-USER -j RETURN',
]
const FLANNEL = ['-A FORWARD -s 10.1.0.0/16 -j ACCEPT', '-A FORWARD -d 10.1.0.0/16 -j ACCEPT']
const forwardChain = (policy: string, ...rules: readonly string[]): string =>
  `table inet fw {
    set peers { type ipv4_addr; flags interval; elements = { 10.1.5.0/24 } }
    map ways { type ifname : verdict; elements = { "flannel.1" : jump incoming } }
    chain incoming { udp dport 50000-50010 drop; }
    chain forward { type filter hook forward priority 10; policy ${policy}; ${rules.join('; ')}; }
  }`

export const RULE_SETS: readonly RuleSet[] = [
  { name: 'no rules' },
  { name: 'policy DROP', iptables: POLICY_DROP },
  { name: 'policy DROP in the legacy world', legacy: POLICY_DROP },
  { name: 'policy DROP, flannel appended', iptables: [...POLICY_DROP, ...FLANNEL] },
  { name: 'policy DROP, Docker alone', iptables: [...POLICY_DROP, ...DOCKER] },
  { name: 'policy DROP, Docker, then flannel', iptables: [...POLICY_DROP, ...DOCKER, ...FLANNEL] },
  {
    name: 'accepted in one world, dropped in the other',
    iptables: [...POLICY_DROP, ...FLANNEL],
    legacy: [...POLICY_DROP, ...DOCKER],
  },
  {
    name: 'the last word is a REJECT before flannel',
    iptables: [
      '*filter',
      '-A FORWARD -m state --state ESTABLISHED,RELATED -j ACCEPT',
      '-A FORWARD -p icmp -j ACCEPT',
      '-A FORWARD -j REJECT --reject-with icmp-host-prohibited',
      ...FLANNEL,
    ],
  },
  {
    name: 'a goto that comes back to the policy',
    iptables: [
      ...POLICY_DROP,
      ':A - [0:0]',
      ':B - [0:0]',
      '-A FORWARD -j A',
      '-A A -i flannel.1 -g B',
      '-A A -j ACCEPT',
      '-A B -p tcp -j ACCEPT',
      '-A B -j RETURN',
    ],
  },
  {
    name: 'a goto out of FORWARD skips the rest',
    iptables: [...POLICY_DROP, ':A - [0:0]', '-A FORWARD -i docker0 -g A', '-A A -j RETURN', ...FLANNEL],
  },
  {
    name: 'marks set by several rules',
    iptables: [
      '*mangle',
      '-A PREROUTING -i flannel.1 -j MARK --set-xmark 0x8/0xc',
      '-A FORWARD -o flannel.1 -j MARK --set-xmark 0x8000/0x8000',
      'COMMIT',
      '*filter',
      '-A FORWARD -m mark --mark 0x8000/0x8000 -j DROP',
      '-A FORWARD -m mark ! --mark 0x8/0xf -j ACCEPT',
      '-A FORWARD -m mark --mark 0x8 -m conntrack --ctstate NEW -j DROP',
    ],
  },
  {
    name: 'ports, single and many',
    iptables: [
      ...POLICY_DROP,
      '-A FORWARD -i flannel.1 -p udp -m udp --dport 50000:50010 -j ACCEPT',
      '-A FORWARD -i docker0 -p udp -m multiport --dports 53,50002 -j ACCEPT',
      '-A FORWARD -i docker0 -p udp -m multiport --sports 1:1024,50002 -j ACCEPT',
    ],
  },
  {
    name: 'negated addresses and wildcard links',
    iptables: [
      '*filter',
      '-A FORWARD ! -s 10.1.5.0/24 -i dock+ -d 10.1.5.2/32 -j DROP',
      '-A FORWARD -i eth+ -j DROP',
      '-A FORWARD -o flannel+ ! -d 10.1.0.0/16 -j DROP',
    ],
  },
  {
    name: 'an address range and an address type',
    iptables: [
      '*filter',
      '-A FORWARD -m iprange --src-range 10.1.5.1-10.1.5.3 -m conntrack --ctstate NEW -j DROP',
      '-A FORWARD -m addrtype --dst-type LOCAL -j DROP',
    ],
  },
  {
    name: 'raw PREROUTING as Docker 28 has it',
    iptables: ['*raw', '-A PREROUTING -d 10.1.2.2/32 ! -i docker0 -j DROP', 'COMMIT', '*filter'],
  },
  {
    name: 'mangle FORWARD drops before filter accepts',
    iptables: ['*mangle', '-A FORWARD -o docker0 -j DROP', 'COMMIT', '*filter', ...FLANNEL],
  },
  {
    name: 'rules that only look: LOG, no target, a comment that looks like rules',
    iptables: [
      '*filter',
      '-A FORWARD -i flannel.1',
      '-A FORWARD -m limit --limit 5/min -j LOG --log-prefix "DROP -j DROP "',
      '-A FORWARD -m comment --comment "-j DROP ! -s" -i docker0 -j ACCEPT',
    ],
  },
  { name: 'nft policy drop', nft: forwardChain('drop') },
  {
    name: 'nft set, prefix and state',
    nft: forwardChain('drop', 'ct state established,related accept', 'ip saddr @peers accept'),
  },
  {
    name: 'nft verdict map with a jump',
    nft: forwardChain('accept', 'iifname vmap @ways', 'ip saddr 10.1.2.0/24 ip daddr != 10.1.5.0/24 drop'),
  },
  {
    name: 'nft anonymous map of states',
    nft: forwardChain('accept', 'ct state vmap { established : accept, new : drop }'),
  },
  {
    name: 'nft ranges, lists, protocol and reject',
    nft: forwardChain(
      'accept',
      'meta l4proto { tcp, udp } th dport { 80, 50000-50010 } oifname "docker0" counter reject',
    ),
  },
  {
    name: 'nft marks with a mask',
    nft: forwardChain(
      'accept',
      'iifname "docker0" meta mark set 0x4001',
      'meta mark & 0x4000 == 0x4000 counter drop',
    ),
  },
  {
    name: 'nft accepts what iptables drops',
    iptables: [...POLICY_DROP, '-A FORWARD -i docker0 -j ACCEPT'],
    nft: forwardChain('accept', 'ip saddr 10.1.0.0/16 accept'),
  },
  {
    name: 'nft chain before routing, return and goto',
    nft: `table inet guard {
      chain pass { return; }
      chain early { type filter hook prerouting priority -150; policy drop;
        iifname "lo" accept; ip saddr 10.9.0.0/24 accept; meta nfproto ipv4 iifname "docker0" accept;
        iif "flannel.1" ct state new jump pass; ct state established accept; ip protocol icmp accept; }
    }`,
  },
]
