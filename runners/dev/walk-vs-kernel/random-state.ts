/**
 * Random states of packet filters, routes, policy rules, neighbours and settings for one host of a lab: what is
 * done, as lines of a shell of that host, and what takes it back. The same seed gives the same states.
 */

/** What the lines name. */
export interface Scene {
  /** Addresses of the containers of this host and of its peer. */
  readonly own: string
  readonly peer: string
  readonly ownSubnet: string
  readonly peerSubnet: string
  readonly network: string
  /** Addresses on the underlay. */
  readonly ownPublic: string
  readonly peerPublic: string
  /** The host's end of its container's veth pair. */
  readonly port: string
  /** Address and MAC of the peer's VTEP. */
  readonly vtep: string
  readonly vtepMac: string
  readonly ownMac: string
}

/** One change and its opposite. */
export interface Change {
  readonly make: string
  readonly undo: string
}

/** Numbers from a seed (mulberry32), so that a disagreement can be looked at again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

type Draw = () => number

function pick<T>(draw: Draw, from: readonly T[]): T {
  return from[Math.floor(draw() * from.length)] as T
}

function some<T>(draw: Draw, from: readonly T[], most: number): readonly T[] {
  return Array.from({ length: Math.floor(draw() * (most + 1)) }, () => pick(draw, from))
}

const LINKS = ['flannel.1', 'docker0', 'eth0', 'lo', 'dock+']
const VERDICTS = ['DROP', 'DROP', 'ACCEPT', 'RETURN', 'REJECT']

function iptablesMatches({ own, peer, peerSubnet, network, peerPublic }: Scene): readonly string[] {
  const addresses = [own, peer, peerSubnet, network, `${peerPublic}/32`, '10.99.0.0/16', '0.0.0.0/1']
  return [
    ...addresses.flatMap((one) => [`-s ${one}`, `-d ${one}`, `! -s ${one}`]),
    ...['icmp', 'udp', 'tcp'].flatMap((one) => [`-p ${one}`, `! -p ${one}`]),
    '-p icmp -m icmp --icmp-type 8',
    '-p icmp -m icmp --icmp-type echo-reply',
    '-p udp -m udp --dport 8472',
    '-p udp -m multiport --dports 53,8472,9000:9010',
    '-p tcp -m tcp --dport 80 --tcp-flags SYN,ACK SYN',
    '-m conntrack --ctstate NEW',
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    '-m conntrack ! --ctstate INVALID',
    '-m conntrack --ctdir ORIGINAL',
    '-m mark --mark 0x0/0x7',
    '-m mark --mark 0x5',
    '-m mark ! --mark 0x1/0x1',
    '-m length --length 60:100',
    '-m length --length 1000:1500',
    '-m length ! --length 84',
    '-m ttl --ttl-lt 64',
    '-m ttl --ttl-gt 62',
    '-m addrtype --dst-type LOCAL',
    '-m addrtype ! --src-type LOCAL',
    '-m addrtype --dst-type UNICAST,LOCAL',
    `-m iprange --dst-range ${own}-${own}`,
    `-m iprange ! --src-range ${peer}-${peer}`,
    '-m comment --comment "a word, two"',
    '-m pkttype --pkt-type unicast',
    '-m connmark --mark 0',
    '-m physdev --physdev-is-bridged',
    '-m dscp --dscp 0x00',
    '-m rpfilter --loose --invert',
    '-m limit --limit 1000/sec --limit-burst 1000',
    '-m policy --dir in --pol none',
  ]
}

/** Tables with the hooks they have, and which links a packet has there. */
const PLACES = [
  ['filter', 'FORWARD'],
  ['filter', 'FORWARD'],
  ['filter', 'FORWARD'],
  ['filter', 'INPUT'],
  ['filter', 'OUTPUT'],
  ['raw', 'PREROUTING'],
  ['raw', 'OUTPUT'],
  ['mangle', 'PREROUTING'],
  ['mangle', 'POSTROUTING'],
  ['mangle', 'FORWARD'],
] as const

function linkMatches(draw: Draw, chain: string): readonly string[] {
  const not = draw() < 0.2 ? '! ' : ''
  const link = pick(draw, LINKS)
  if (chain === 'PREROUTING' || chain === 'INPUT') return [`${not}-i ${link}`]
  if (chain === 'OUTPUT' || chain === 'POSTROUTING') return [`${not}-o ${link}`]
  return [pick(draw, [`${not}-i ${link}`, `${not}-o ${link}`, `-i ${link} ! -o ${pick(draw, LINKS)}`])]
}

/** Matches that name a protocol stand once; pkttype, rpfilter and policy only where they may. */
function usable(matches: readonly string[], chain: string): readonly string[] {
  const isIn = chain === 'PREROUTING' || chain === 'INPUT' || chain === 'FORWARD'
  const seen = new Set<string>()
  return matches.filter((one) => {
    const [key = ''] = /^(! )?-[psd] |-m \w+/.exec(one) ?? []
    const kind = key.replace('! ', '')
    const isNew = !seen.has(kind)
    seen.add(kind)
    if (one.includes('rpfilter')) return isNew && chain === 'PREROUTING'
    if (one.includes('pkttype') || one.includes('--dir in')) return isNew && isIn && chain !== 'FORWARD'
    return isNew
  })
}

function iptablesRule(draw: Draw, scene: Scene): Change {
  const [table, chain] = pick(draw, PLACES)
  const links = draw() < 0.5 ? linkMatches(draw, chain) : []
  const matches = usable(some(draw, iptablesMatches(scene), 3), chain)
  const words = [...links, ...matches].join(' ')
  const canReject = table === 'filter'
  const verdicts = VERDICTS.filter((one) => canReject || one !== 'REJECT')
  const marks = table === 'mangle' ? ['MARK --set-xmark 0x5/0xff', 'MARK --or-mark 0x1'] : []
  const target = pick(draw, [...verdicts, ...marks])
  const rule = `-t ${table} -I ${chain} ${words} -j ${target}`
  return { make: `iptables -w ${rule}`, undo: `iptables -w ${rule.replace(' -I ', ' -D ')}` }
}

/** A chain of its own that FORWARD jumps or goes to. */
function iptablesChain(draw: Draw, scene: Scene): Change {
  const inside = Array.from({ length: 3 }, () => {
    const matches = usable(some(draw, iptablesMatches(scene), 2), 'FORWARD')
    return `iptables -w -A FDWALK ${matches.join(' ')} -j ${pick(draw, VERDICTS)}`
  })
  const jump = `FORWARD ${pick(draw, ['', `-s ${scene.network}`, '-i flannel.1'])} -${pick(draw, ['j', 'g'])} FDWALK`
  return {
    make: ['iptables -w -N FDWALK', ...inside, `iptables -w -I ${jump}`].join('\n'),
    undo: `iptables -w -D ${jump}\niptables -w -F FDWALK\niptables -w -X FDWALK`,
  }
}

function nftMatches({ own, peer, peerSubnet, network, peerPublic }: Scene): readonly string[] {
  return [
    `ip saddr ${own}`,
    `ip daddr ${own}`,
    `ip saddr ${peer}`,
    `ip daddr != ${peer}`,
    `ip saddr ${network}`,
    `ip daddr { ${peerSubnet}, 10.99.0.0/16 }`,
    `ip saddr . ip daddr { ${peer} . ${own}, ${own} . ${peer} }`,
    `ip daddr ${peerPublic}`,
    'ip saddr @few',
    'ip daddr != @few',
    'ip protocol icmp',
    'meta l4proto { icmp, tcp }',
    'meta l4proto udp',
    'icmp type echo-request',
    'icmp type { echo-reply }',
    'udp dport 8472',
    'udp dport { 8000-9000 }',
    'th dport 8472',
    'tcp flags & (syn | ack) == syn',
    'ct state new',
    'ct state established,related',
    'ct state invalid',
    'ct direction original',
    'ct mark 0',
    'meta mark 0',
    'meta mark & 0x7 == 0x5',
    'meta length > 1000',
    'ip length <= 84',
    'ip ttl < 64',
    'ip dscp 0',
    'meta nfproto ipv4',
    'meta pkttype host',
    'iifname "flannel.1"',
    'iifname != "docker0"',
    'oifname "docker0"',
    'iifname { "eth0", "docker0" }',
    'iifname "dock*"',
    'iif "lo"',
    'fib daddr type local',
    'fib saddr type != local',
    'fib saddr . iif oif missing',
    'fib saddr oif exists',
    'limit rate 1000/second',
    '@nh,72,8 1',
    '@th,312,8 1',
  ]
}

const NFT_VERDICTS = [
  'drop',
  'drop',
  'accept',
  'return',
  'jump more',
  'goto more',
  'meta mark set 0x5',
  'counter',
  'notrack',
]

function nftRule(draw: Draw, scene: Scene, hook: string): string {
  const banned =
    hook === 'prerouting' || hook === 'input'
      ? /oifname/
      : hook === 'output' || hook === 'postrouting'
        ? /iif|pkttype|fib saddr/
        : /pkttype|fib saddr \./
  const matches = some(draw, nftMatches(scene), 3).filter((one) => !banned.test(one))
  const verdicts = NFT_VERDICTS.filter(
    (one) => one !== 'notrack' || hook === 'prerouting' || hook === 'output',
  )
  return `${matches.join(' ')} ${pick(draw, verdicts)}`
}

function nftTable(draw: Draw, scene: Scene): Change {
  const hook = pick(draw, ['prerouting', 'input', 'forward', 'forward', 'output', 'postrouting'])
  const family = pick(draw, ['ip', 'inet'])
  const priority =
    hook === 'prerouting' || hook === 'output' ? pick(draw, [-300, -150]) : pick(draw, [-10, 0, 10, 50])
  const rules = Array.from({ length: 1 + Math.floor(draw() * 4) }, () => nftRule(draw, scene, hook))
  const map = draw() < 0.3 ? ['ip saddr vmap @ways'] : []
  const more = some(
    draw,
    ['ip protocol icmp drop', 'counter accept', 'ct state established accept', 'return'],
    2,
  )
  const name = `fdwalk${Math.floor(draw() * 1e6)}`
  const text = `table ${family} ${name} {
  set few { type ipv4_addr; flags interval; elements = { ${scene.peerSubnet}, 10.98.0.0/16 } }
  map ways { type ipv4_addr : verdict; elements = { ${scene.peer} : jump more, 10.97.0.1 : drop } }
  chain more { ${more.map((rule) => `${rule};`).join(' ')} }
  chain base { type filter hook ${hook} priority ${priority}; policy ${pick(draw, ['accept', 'accept', 'accept', 'drop'])};
    ${[...map, ...rules].join('\n    ')}
  }
}`
  return { make: `nft -f - <<'END'\n${text}\nEND`, undo: `nft delete table ${family} ${name}` }
}

/** Chains of a bridge or of one link. */
function linkTable(draw: Draw, scene: Scene): Change {
  const name = `fdwalk${Math.floor(draw() * 1e6)}`
  const matches = some(
    draw,
    [
      `ip saddr ${scene.own}`,
      `ip daddr ${scene.own}`,
      'ip protocol icmp',
      'icmp type echo-reply',
      `ip daddr ${scene.peer}`,
    ],
    2,
  )
  const rule = `${matches.join(' ')} ${pick(draw, ['drop', 'accept', 'counter'])}`
  if (draw() < 0.5) {
    const hook = pick(draw, ['prerouting', 'input', 'output', 'postrouting', 'forward'])
    const text = `table bridge ${name} { chain base { type filter hook ${hook} priority 0; policy accept; ${rule}; }; }`
    return { make: `nft '${text}'`, undo: `nft delete table bridge ${name}` }
  }
  const device = pick(draw, ['flannel.1', 'docker0', 'eth0', scene.port])
  const text = `table netdev ${name} { chain base { type filter hook ingress device "${device}" priority 0; policy accept; ${rule}; }; }`
  return { make: `nft '${text}'`, undo: `nft delete table netdev ${name}` }
}

function routeChange(draw: Draw, { peer, peerSubnet, own, peerPublic, vtep }: Scene): Change {
  const target = pick(draw, [
    `${peer}/32`,
    `${peerSubnet.replace('/24', '/25')}`,
    `${own}/32`,
    `${peerPublic}/32`,
    '10.98.0.0/16',
  ])
  const way = pick(draw, ['blackhole', 'unreachable', 'prohibit', 'throw', 'mtu', 'mtu', 'gateway', 'link'])
  const isOwn = target.startsWith(own)
  const link = isOwn
    ? 'dev docker0'
    : target.startsWith(peerPublic)
      ? 'dev eth0'
      : `via ${vtep} dev flannel.1 onlink`
  const lines: Readonly<Record<string, string>> = {
    mtu: `${target} ${link} mtu ${pick(draw, [1000, 1400, 576])}`,
    gateway: `${target} via ${peerPublic} dev eth0 onlink`,
    link: `${target} ${link}`,
  }
  const route = lines[way] ?? `${way} ${target}`
  return { make: `ip route add ${route}`, undo: `ip route del ${route}` }
}

function policyRule(draw: Draw, scene: Scene): Change {
  const priority = 5000 + Math.floor(draw() * 900)
  const selectors = some(
    draw,
    [
      `from ${scene.network}`,
      `to ${scene.peer}`,
      `to ${scene.peerSubnet}`,
      `from ${scene.own}`,
      'fwmark 0x5',
      'fwmark 0x0/0x1',
      'iif docker0',
      'iif flannel.1',
      'iif lo',
      'oif eth0',
      'uidrange 1000-2000',
      'uidrange 0-99',
      'ipproto icmp',
      'ipproto udp',
      'not from 10.99.0.0/16',
      `to ${scene.peerPublic}`,
    ],
    2,
  )
  const keys = new Set(selectors.map((one) => one.replace('not ', '').split(' ')[0]))
  const chosen = keys.size === selectors.length ? selectors : selectors.slice(0, 1)
  const table = 4000 + Math.floor(draw() * 90)
  const action = pick(draw, [
    `lookup ${table}`,
    `lookup ${table}`,
    'blackhole',
    'prohibit',
    'unreachable',
    'lookup main suppress_prefixlength 0',
    'goto 32766',
  ])
  const content = pick(draw, [
    'blackhole default',
    `blackhole ${scene.peer}`,
    `throw default`,
    'unreachable 10.98.0.0/16',
    `default via ${scene.vtep} dev flannel.1 onlink`,
  ])
  const fill = action === `lookup ${table}` ? `ip route add ${content} table ${table}\n` : ''
  const rule = `priority ${priority} ${chosen.length === 0 ? 'from all' : chosen.join(' ')} ${action}`
  return {
    make: `${fill}ip rule add ${rule}`,
    undo: `ip rule del priority ${priority}\nip route flush table ${table} 2>/dev/null || true`,
  }
}

function neighbourChange(draw: Draw, { vtep, vtepMac, own, ownMac, peerPublic }: Scene): Change {
  const wrong = '02:00:00:00:00:99'
  const ofVtep = `ip neigh replace ${vtep} lladdr ${vtepMac} dev flannel.1 nud permanent`
  return pick(draw, [
    { make: `ip neigh del ${vtep} dev flannel.1`, undo: ofVtep },
    { make: `ip neigh replace ${vtep} lladdr ${wrong} dev flannel.1 nud permanent`, undo: ofVtep },
    {
      make: `ip neigh replace ${own} lladdr ${wrong} dev docker0 nud permanent`,
      undo: `ip neigh del ${own} dev docker0`,
    },
    {
      make: `ip neigh replace ${own} lladdr ${ownMac} dev docker0 nud permanent`,
      undo: `ip neigh del ${own} dev docker0`,
    },
    {
      make: `bridge fdb del ${vtepMac} dev flannel.1`,
      undo: `bridge fdb append ${vtepMac} dev flannel.1 dst ${peerPublic}`,
    },
  ])
}

function setting(draw: Draw, { port }: Scene): Change {
  const conf = (link: string, name: string, value: string): Change => ({
    make: `sysctl -qw net.ipv4.conf.${link}.${name}=${value}`,
    undo: `sysctl -qw net.ipv4.conf.${link}.${name}=${name === 'forwarding' ? 1 : 0}`,
  })
  return pick(draw, [
    conf('flannel/1', 'forwarding', '0'),
    conf('docker0', 'forwarding', '0'),
    conf('eth0', 'forwarding', '0'),
    conf('flannel/1', 'rp_filter', '1'),
    conf('flannel/1', 'rp_filter', '2'),
    conf('eth0', 'rp_filter', '1'),
    conf('docker0', 'rp_filter', '1'),
    {
      make: 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1',
      undo: 'sysctl -qw net.ipv4.icmp_echo_ignore_all=0',
    },
    { make: `ip link set ${port} mtu 1200`, undo: `ip link set ${port} mtu 1450` },
  ])
}

const KINDS = [
  iptablesRule,
  iptablesRule,
  iptablesRule,
  iptablesChain,
  nftTable,
  nftTable,
  nftTable,
  linkTable,
  routeChange,
  policyRule,
  neighbourChange,
  setting,
] as const

/** One to three changes of one host. */
export function randomChanges(draw: Draw, scene: Scene): readonly Change[] {
  const count = 1 + Math.floor(draw() * 3)
  return Array.from({ length: count }, () => pick(draw, KINDS)(draw, scene))
}
