/** Random IPsec policies, queueing disciplines on links, and rules that ebtables writes into nft's family bridge. */
import type { Change, Scene } from './change.ts'
import { type Draw, pick } from './draw.ts'

/** A policy that blocks, allows, or wants packets encrypted for which there are no keys. */
export function ipsecPolicy(draw: Draw, { own, peer, network, peerPublic, ownSubnet }: Scene): Change {
  const direction = pick(draw, ['in', 'out', 'fwd', 'fwd'])
  const ends = ['0.0.0.0/0', network, ownSubnet, `${own}/32`, `${peer}/32`, `${peerPublic}/32`]
  const selector = `src ${pick(draw, ends)} dst ${pick(draw, ends)} ${pick(draw, ['', '', 'proto icmp', 'proto udp', 'proto udp dport 8472', 'proto tcp'])}`
  const template = 'tmpl src 192.0.2.99 dst 192.0.2.98 proto esp mode tunnel'
  const what = pick(draw, ['action block', 'action block', 'action allow', template])
  const priority = Math.floor(draw() * 50)
  const rest = what === template ? `priority ${priority} ${template}` : `${what} priority ${priority}`
  return {
    make: `ip xfrm policy add dir ${direction} ${selector} ${rest}`,
    undo: `ip xfrm policy del dir ${direction} ${selector}`,
  }
}

/** A root queueing discipline that drops all, or what is larger than its burst. */
export function rootQdisc(draw: Draw, { port }: Scene): Change {
  const link = pick(draw, ['eth0', 'docker0', 'flannel.1', port])
  const words = pick(draw, [
    'blackhole',
    'tbf rate 100mbit burst 1200 latency 50ms',
    'pfifo limit 100',
    'pfifo limit 0',
    'bfifo limit 1000',
  ])
  return { make: `tc qdisc add dev ${link} root ${words}`, undo: `tc qdisc del dev ${link} root` }
}

/** A rule of ebtables about frames of IPv4: what it says of their addresses nft does not show in full. */
export function bridgeRule(draw: Draw, { port }: Scene): Change {
  const chain = pick(draw, ['INPUT', 'OUTPUT', 'FORWARD'])
  const side = chain === 'OUTPUT' ? '-o' : '-i'
  const match = pick(draw, [
    '-p IPv4',
    `-p IPv4 ${side} ${port}`,
    `${side} ${port}`,
    `-p IPv4 ! ${side} ${port}`,
    '-p ARP',
  ])
  const rule = `${chain} ${match} -j ${pick(draw, ['DROP', 'DROP', 'ACCEPT', 'CONTINUE'])}`
  return { make: `ebtables -A ${rule}`, undo: `ebtables -D ${rule}` }
}
