/** Network headers: what stands behind an ethertype. */
import { decodeTransport } from './decode-transport.ts'
import { type Decoding, has } from './decoding.ts'
import { ETHERTYPE } from './link-layer.ts'
import { ipv4Text, ipv6Text, macText, u16 } from './octets.ts'

const ARP_IPV4_OVER_ETHERNET = 28
/** Extension headers whose second octet is their length in units of 8, the first 8 not counted (RFC 8200, 4). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135])
const FRAGMENT = 44
/** Authentication header: its length is in units of 4, the first 8 octets not counted (RFC 4302, 2.2). */
const AUTHENTICATION = 51

function vlan(state: Decoding, at: number): void {
  if (!has(state, at, { size: 4, header: 'vlan' })) return
  state.layers.push({ kind: 'vlan', id: u16(state.bytes, at) & 0xfff })
  decodeNetwork(state, at + 4, u16(state.bytes, at + 2))
}

function arp(state: Decoding, at: number): void {
  if (!has(state, at, { size: ARP_IPV4_OVER_ETHERNET, header: 'arp' })) return
  const { bytes } = state
  state.layers.push({
    kind: 'arp',
    operation: u16(bytes, at + 6),
    senderMac: macText(bytes, at + 8),
    sender: ipv4Text(bytes, at + 14),
    targetMac: macText(bytes, at + 18),
    target: ipv4Text(bytes, at + 24),
  })
}

function ipv4(state: Decoding, at: number): void {
  const { bytes } = state
  const headerLength = at < state.end ? ((bytes[at] as number) & 15) * 4 : 20
  if (!has(state, at, { size: Math.max(headerLength, 20), header: 'ipv4' })) return
  const flags = u16(bytes, at + 6)
  const length = u16(bytes, at + 2)
  const fragmentOffset = (flags & 0x1fff) * 8
  const protocol = bytes[at + 9] as number
  state.layers.push({
    kind: 'ipv4',
    source: ipv4Text(bytes, at + 12),
    destination: ipv4Text(bytes, at + 16),
    protocol,
    ttl: bytes[at + 8] as number,
    id: u16(bytes, at + 4),
    dontFragment: (flags & 0x4000) !== 0,
    moreFragments: (flags & 0x2000) !== 0,
    fragmentOffset,
    headerLength,
    length,
  })
  // The length is 0 in a packet that the card has yet to cut into segments.
  if (length >= headerLength) state.end = Math.min(state.end, at + length)
  if (headerLength < 20) return
  if (fragmentOffset === 0) decodeTransport(state, at + headerLength, protocol)
}

interface Extensions {
  readonly protocol: number
  readonly at: number
  readonly fragmentOffset: number
}

/** Length of an extension header, 0 for what is none. */
function extensionLength(bytes: Uint8Array, at: number, protocol: number): number {
  if (protocol === FRAGMENT) return 8
  if (protocol === AUTHENTICATION) return ((bytes[at + 1] as number) + 2) * 4
  return EXTENSIONS.has(protocol) ? ((bytes[at + 1] as number) + 1) * 8 : 0
}

function passExtensions({ bytes, end }: Decoding, start: number, first: number): Extensions {
  let [protocol, at, fragmentOffset] = [first, start, 0]
  while (at + 8 <= end) {
    const length = extensionLength(bytes, at, protocol)
    if (length === 0) break
    if (protocol === FRAGMENT) fragmentOffset = u16(bytes, at + 2) & 0xfff8
    protocol = bytes[at] as number
    at += length
  }
  return { protocol, at, fragmentOffset }
}

function ipv6(state: Decoding, at: number): void {
  if (!has(state, at, { size: 40, header: 'ipv6' })) return
  const { bytes } = state
  const length = u16(bytes, at + 4)
  if (length > 0) state.end = Math.min(state.end, at + 40 + length)
  const { protocol, at: behind, fragmentOffset } = passExtensions(state, at + 40, bytes[at + 6] as number)
  state.layers.push({
    kind: 'ipv6',
    source: ipv6Text(bytes, at + 8),
    destination: ipv6Text(bytes, at + 24),
    hopLimit: bytes[at + 7] as number,
    protocol,
    fragmentOffset,
    length,
  })
  if (fragmentOffset === 0) decodeTransport(state, behind, protocol)
}

/** Decodes the packet at `at`, which has this ethertype, and all that is in it. */
export function decodeNetwork(state: Decoding, at: number, type: number): void {
  if (type === ETHERTYPE.ipv4) ipv4(state, at)
  else if (type === ETHERTYPE.ipv6) ipv6(state, at)
  else if (type === ETHERTYPE.arp) arp(state, at)
  else if (type === ETHERTYPE.vlan || type === ETHERTYPE.qinq) vlan(state, at)
  else state.layers.push({ kind: 'other', of: 'network', number: type })
}
