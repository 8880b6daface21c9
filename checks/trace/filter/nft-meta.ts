/** What `meta` and `ct` expressions of nft read: links, marks and sockets of a packet, and its connection. */
import type { Read, Seen } from './nft-raw.ts'
import { type Headers, hasConnection, type Mark, type Packet, type SocketOwner } from './packet.ts'

type ReadMeta = (packet: Packet, mark: Mark) => Seen

function ofLink(side: 'inLink' | 'outLink'): ReadMeta {
  return (packet) => ({ value: packet[side] })
}

function kindOf(side: 'inLink' | 'outLink'): ReadMeta {
  return ({ linkKind, ...packet }) => {
    const name = packet[side]
    return name === undefined || linkKind === undefined ? 'unknown' : { value: linkKind(name) ?? '' }
  }
}

function ofSocket(side: keyof SocketOwner): ReadMeta {
  return ({ socket }) => (socket === undefined ? 'no-match' : { value: socket[side] })
}

/** What the frame of a packet says that it carries. */
export function etherType({ arp, ipv6 }: Headers): string {
  return arp !== undefined ? 'arp' : ipv6 ? 'ip6' : 'ip'
}

function familyOf({ ipv6 }: Packet): string {
  return ipv6 ? 'ipv6' : 'ipv4'
}

const META: Readonly<Record<string, ReadMeta>> = {
  iifname: ofLink('inLink'),
  iif: ofLink('inLink'),
  oifname: ofLink('outLink'),
  oif: ofLink('outLink'),
  iifkind: kindOf('inLink'),
  oifkind: kindOf('outLink'),
  ibrname: ({ bridge }) => (bridge === undefined ? 'no-match' : { value: bridge }),
  ibridgename: ({ bridge }) => (bridge === undefined ? 'no-match' : { value: bridge }),
  obrname: ({ bridge }) => (bridge === undefined ? 'no-match' : { value: bridge }),
  l4proto: ({ protocol }) => ({ value: protocol }),
  nfproto: (packet) => ({ value: familyOf(packet) }),
  protocol: (packet) => ({ value: etherType(packet) }),
  length: ({ size }) => (size === undefined ? 'unknown' : { value: size }),
  mark: (_packet, mark) => (mark === 'unknown' ? 'unknown' : { value: mark }),
  pkttype: ({ arp }) => ({ value: arp === 'request' ? 'broadcast' : 'host' }),
  priority: () => ({ value: 0 }),
  skuid: ofSocket('uid'),
  skgid: ofSocket('gid'),
  cgroup: ({ socket }) => (socket === undefined ? 'no-match' : 'unknown'),
  ipsec: () => ({ value: 0 }),
  nftrace: () => ({ value: 0 }),
}

/** `meta KEY`. */
export function readMeta(key: unknown): Read {
  return META[String(key)] ?? (() => 'unknown')
}

/** Values of a connection; `state` and `status` are compared by name elsewhere. */
const CT: Readonly<Record<string, (packet: Packet) => Seen>> = {
  mark: ({ connmark = 0 }) => (connmark === 'unknown' ? 'unknown' : { value: connmark }),
  direction: ({ state }) => ({ value: state === 'ESTABLISHED' ? 'reply' : 'original' }),
  l3proto: (packet) => ({ value: familyOf(packet) }),
  protocol: ({ protocol }) => ({ value: protocol }),
  zone: () => ({ value: 0 }),
  helper: () => 'no-match',
}

/** `ct KEY`, as far as it is a value; a packet without a connection has none. */
export function readCt(ct: Readonly<Record<string, unknown>>): Read {
  const read = CT[String(ct.key)] ?? (() => 'unknown')
  return (packet) => (hasConnection(packet) ? read(packet) : 'no-match')
}
