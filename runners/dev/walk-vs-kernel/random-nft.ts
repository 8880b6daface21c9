/** Random tables of nft. */
import type { Change, Scene } from './change.ts'
import { type Draw, pick, some } from './draw.ts'

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

/** A table with sets, maps and a chain at any hook of IPv4. */
export function nftTable(draw: Draw, scene: Scene): Change {
  const hook = pick(draw, ['prerouting', 'input', 'forward', 'forward', 'output', 'postrouting'])
  const family = pick(draw, ['inet', 'ip'])
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
export function linkTable(draw: Draw, scene: Scene): Change {
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
