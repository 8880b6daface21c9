/**
 * Random states of packet filters, routes, policy rules, neighbours and settings for one host of a lab and its
 * container: what is done, as lines of a shell there, and what takes it back. The same seed gives the same states.
 */
import type { Change, Scene } from './change.ts'
import { type Draw, pick, some } from './draw.ts'
import { INSIDE_KINDS } from './random-inside.ts'
import { iptablesChain, iptablesRule, natRule } from './random-iptables.ts'
import { bridgeRule, ipsecPolicy, rootQdisc } from './random-link.ts'
import { linkTable, nftTable } from './random-nft.ts'

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
  natRule,
  bridgeRule,
  nftTable,
  nftTable,
  nftTable,
  linkTable,
  routeChange,
  policyRule,
  neighbourChange,
  setting,
  ipsecPolicy,
  rootQdisc,
  ...INSIDE_KINDS,
] as const

/** One to three changes of one host. */
export function randomChanges(draw: Draw, scene: Scene): readonly Change[] {
  const count = 1 + Math.floor(draw() * 3)
  return Array.from({ length: count }, () => pick(draw, KINDS)(draw, scene))
}
