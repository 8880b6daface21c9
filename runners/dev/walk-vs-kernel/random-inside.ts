/** Random states inside the container of the changed host, and of the bridge port that it hangs on. */
import type { Change, Scene } from './change.ts'
import { type Draw, pick, some } from './draw.ts'

const WRONG_MAC = '02:00:00:00:00:99'

function matchesOf({ own, peer, peerSubnet, network, gateway }: Scene): readonly string[] {
  return [
    ...[own, peer, peerSubnet, network, gateway].flatMap((one) => [`-s ${one}`, `-d ${one}`, `! -d ${one}`]),
    '-p icmp',
    '-p udp',
    '-p icmp -m icmp --icmp-type 8',
    '-p icmp -m icmp --icmp-type echo-reply',
    '-m conntrack --ctstate NEW',
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    '-m length --length 1000:1500',
    '-m ttl --ttl-gt 62',
    '-m addrtype --dst-type LOCAL',
    '-m mark --mark 0x5',
  ]
}

function insideRule(draw: Draw, scene: Scene): Change {
  const [table, chain] = pick(draw, [
    ['filter', 'INPUT'],
    ['filter', 'OUTPUT'],
    ['raw', 'PREROUTING'],
    ['raw', 'OUTPUT'],
    ['mangle', 'POSTROUTING'],
  ] as const)
  const seen = new Set<string>()
  const matches = some(draw, matchesOf(scene), 2).filter((one) => {
    const key = one.replace('! ', '').slice(0, 6)
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
  const rule = `-t ${table} -I ${chain} ${matches.join(' ')} -j ${pick(draw, ['DROP', 'DROP', 'ACCEPT'])}`
  return { at: 'h2c1', make: `iptables -w ${rule}`, undo: `iptables -w ${rule.replace(' -I ', ' -D ')}` }
}

function insideTable(draw: Draw, { own, peer, network }: Scene): Change {
  const hook = pick(draw, ['prerouting', 'input', 'output', 'postrouting'])
  const matches = [
    `ip saddr ${own}`,
    `ip daddr ${own}`,
    `ip saddr { ${peer}, 10.99.0.0/16 }`,
    `ip daddr != ${network}`,
    'icmp type echo-request',
    'ip protocol icmp',
    'meta l4proto udp',
    'ct state established',
    'ct state new',
    'meta length > 1000',
    'fib daddr type local',
  ]
  const rules = Array.from(
    { length: 1 + Math.floor(draw() * 3) },
    () => `${some(draw, matches, 2).join(' ')} ${pick(draw, ['drop', 'accept', 'counter', 'notrack'])}`,
  ).map((rule) => (hook === 'input' || hook === 'postrouting' ? rule.replace('notrack', 'counter') : rule))
  const policy = pick(draw, ['accept', 'accept', 'drop'])
  const priority = hook === 'prerouting' || hook === 'output' ? pick(draw, [-300, 0]) : 0
  const name = `fdinside${Math.floor(draw() * 1e6)}`
  const text = `table inet ${name} {
  chain base { type filter hook ${hook} priority ${priority}; policy ${policy};
    ${rules.join('\n    ')}
  }
}`
  return { at: 'h2c1', make: `nft -f - <<'END'\n${text}\nEND`, undo: `nft delete table inet ${name}` }
}

function insideRoute(draw: Draw, { peer, peerSubnet, gateway, ownSubnet }: Scene): Change {
  const target = pick(draw, [`${peer}/32`, peerSubnet, '10.98.0.0/16', '128.0.0.0/1'])
  const elsewhere = ownSubnet.replace(/\.0\/\d+$/, '.250')
  const way = pick(draw, [
    `blackhole ${target}`,
    `unreachable ${target}`,
    `prohibit ${target}`,
    `throw ${target}`,
    `${target} via ${gateway} mtu ${pick(draw, [576, 1000, 1400])}`,
    `${target} via ${gateway}`,
    `${target} via ${elsewhere}`,
    `${target} dev eth0`,
  ])
  return pick(draw, [
    { at: 'h2c1', make: `ip route add ${way}`, undo: `ip route del ${way}` },
    { at: 'h2c1', make: `ip route add ${way}`, undo: `ip route del ${way}` },
    { at: 'h2c1', make: 'ip route del default', undo: `ip route add default via ${gateway}` },
  ])
}

function insidePolicy(draw: Draw, { peer, own, network, gateway }: Scene): Change {
  const priority = 5000 + Math.floor(draw() * 900)
  const selector = pick(draw, [
    `from ${own}`,
    `to ${peer}`,
    `to ${network}`,
    'from all',
    'iif eth0',
    'fwmark 0x5',
  ])
  const table = 4000 + Math.floor(draw() * 90)
  const action = pick(draw, ['prohibit', 'blackhole', `lookup ${table}`, `lookup ${table}`])
  const content = pick(draw, ['blackhole default', `default via ${gateway}`, `throw ${peer}`])
  const fill = action.startsWith('lookup') ? `ip route add ${content} table ${table}\n` : ''
  return {
    at: 'h2c1',
    make: `${fill}ip rule add priority ${priority} ${selector} ${action}`,
    undo: `ip rule del priority ${priority}\nip route flush table ${table} 2>/dev/null || true`,
  }
}

function insideSetting(draw: Draw, { gateway, gatewayMac, network }: Scene): Change {
  const conf = (name: string, value: number): Change => ({
    at: 'h2c1',
    make: `sysctl -qw net.ipv4.${name}=${value}`,
    undo: `sysctl -qw net.ipv4.${name}=0`,
  })
  const entry = (mac: string): Change => ({
    at: 'h2c1',
    make: `ip neigh replace ${gateway} lladdr ${mac} dev eth0 nud permanent`,
    undo: `ip neigh del ${gateway} dev eth0`,
  })
  return pick(draw, [
    conf('icmp_echo_ignore_all', 1),
    conf('conf.eth0.rp_filter', 1),
    conf('conf.all.rp_filter', 1),
    conf('conf.eth0.rp_filter', 2),
    entry(WRONG_MAC),
    { at: 'h2c1', make: 'tc qdisc add dev eth0 root blackhole', undo: 'tc qdisc del dev eth0 root' },
    ...['in', 'out'].map((direction) => ({
      at: 'h2c1',
      make: `ip xfrm policy add dir ${direction} src 0.0.0.0/0 dst ${network} action block`,
      undo: `ip xfrm policy del dir ${direction} src 0.0.0.0/0 dst ${network}`,
    })),
    entry(gatewayMac),
  ])
}

function bridgePort(draw: Draw, { port, ownMac }: Scene): Change {
  const set = (words: string, undo: string): Change => ({
    make: `bridge link set dev ${port} ${words}`,
    undo: `bridge link set dev ${port} ${undo}`,
  })
  const entry = (kind: string): Change => ({
    make: `bridge fdb replace ${ownMac} dev ${port} master ${kind}`,
    undo: `bridge fdb del ${ownMac} dev ${port} master`,
  })
  return pick(draw, [
    set('state 0', 'state 3'),
    set('state 4', 'state 3'),
    set('isolated on', 'isolated off'),
    set('flood off', 'flood on'),
    set('learning off', 'learning on'),
    set('locked on', 'locked off'),
    entry('static'),
    entry('local'),
  ])
}

/** Changes inside the container or of its port. */
export const INSIDE_KINDS = [
  insideRule,
  insideRule,
  insideTable,
  insideTable,
  insideRoute,
  insidePolicy,
  insideSetting,
  bridgePort,
] as const
