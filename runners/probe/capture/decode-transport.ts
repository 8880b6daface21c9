/** Headers behind an IP header, and the packets inside tunnels and errors. */
import { type Decoding, has } from './decoding.ts'
import type { Icmp6, Layer } from './layer.ts'
import { ETHERTYPE, versionType } from './link-layer.ts'
import { macText, u16, u24, u32 } from './octets.ts'

/** IP protocol numbers (IANA). */
export const PROTOCOL = { icmp: 1, ipip: 4, tcp: 6, udp: 17, icmp6: 58 } as const

/** Types of ICMP (RFC 792) and of ICMPv6 (RFC 4443) that matter here. */
export const ICMP_TYPE = { echoReply: 0, unreachable: 3, redirect: 5, echo: 8, timeExceeded: 11 } as const
const ICMP6_TYPE = { tooBig: 2, echo: 128, echoReply: 129 } as const
/** Codes of "unreachable" (RFC 792). */
export const UNREACHABLE_CODE = { port: 3, fragmentationNeeded: 4 } as const

/** Flags of TCP (RFC 9293), of its header's 14th octet. */
export const TCP_FLAG = { syn: 2, rst: 4, ack: 16 } as const

/** Types whose message carries the packet it is about behind its 8 octets. */
const QUOTING: ReadonlySet<number> = new Set([
  ICMP_TYPE.unreachable,
  ICMP_TYPE.redirect,
  ICMP_TYPE.timeExceeded,
  4,
  12,
])

function quotedLayers(state: Decoding, at: number, type: number): readonly Layer[] {
  const depth = state.depth + state.layers.length + 1
  const inner: Decoding = { ...state, layers: [], depth }
  state.network(inner, at, type)
  return inner.layers
}

function icmp(state: Decoding, at: number): void {
  if (!has(state, at, { size: 8, header: 'icmp' })) return
  const { bytes } = state
  const [type, code] = [bytes[at] as number, bytes[at + 1] as number]
  const head = { kind: 'icmp', type, code } as const
  state.layers.push(
    type === ICMP_TYPE.echo || type === ICMP_TYPE.echoReply
      ? { ...head, id: u16(bytes, at + 4), sequence: u16(bytes, at + 6) }
      : {
          ...head,
          ...(type === ICMP_TYPE.unreachable &&
            code === UNREACHABLE_CODE.fragmentationNeeded && { mtu: u16(bytes, at + 6) }),
          ...(QUOTING.has(type) && { quoted: quotedLayers(state, at + 8, ETHERTYPE.ipv4) }),
        },
  )
}

/** Errors of ICMPv6 are the types below 128; each quotes a packet. */
function icmp6Rest(state: Decoding, at: number, type: number): Partial<Icmp6> {
  const { bytes } = state
  if (type === ICMP6_TYPE.echo || type === ICMP6_TYPE.echoReply) {
    return { id: u16(bytes, at + 4), sequence: u16(bytes, at + 6) }
  }
  if (type >= 128) return {}
  const quoted = quotedLayers(state, at + 8, ETHERTYPE.ipv6)
  return type === ICMP6_TYPE.tooBig ? { quoted, mtu: u32(bytes, at + 4) } : { quoted }
}

function icmp6(state: Decoding, at: number): void {
  if (!has(state, at, { size: 8, header: 'icmp6' })) return
  const [type, code] = [state.bytes[at] as number, state.bytes[at + 1] as number]
  state.layers.push({ kind: 'icmp6', type, code, ...icmp6Rest(state, at, type) })
}

function tcp(state: Decoding, at: number): void {
  if (!has(state, at, { size: 20, header: 'tcp' })) return
  const { bytes } = state
  state.layers.push({
    kind: 'tcp',
    sourcePort: u16(bytes, at),
    destinationPort: u16(bytes, at + 2),
    sequence: u32(bytes, at + 4),
    acknowledgment: u32(bytes, at + 8),
    flags: bytes[at + 13] as number,
    window: u16(bytes, at + 14),
  })
}

function vxlan(state: Decoding, at: number): void {
  if (!has(state, at, { size: 8, header: 'vxlan' })) return
  state.layers.push({ kind: 'vxlan', vni: u24(state.bytes, at + 4), flags: state.bytes[at] as number })
  decodeEthernet(state, at + 8)
}

/** flannel's udp backend sends the IP packet as it came out of flannel0 (backend/udp/proxy_amd64.c). */
function flannelUdp(state: Decoding, at: number): void {
  const type = at < state.end ? versionType(state.bytes[at] as number) : 0
  if (type === 0) return // its control messages are not packets
  state.layers.push({ kind: 'flannel-udp' })
  state.network(state, at, type)
}

function udp(state: Decoding, at: number): void {
  if (!has(state, at, { size: 8, header: 'udp' })) return
  const { bytes, ports } = state
  const destinationPort = u16(bytes, at + 2)
  state.layers.push({
    kind: 'udp',
    sourcePort: u16(bytes, at),
    destinationPort,
    length: u16(bytes, at + 4),
    checksum: u16(bytes, at + 6),
  })
  if (ports.vxlan.includes(destinationPort)) vxlan(state, at + 8)
  else if (ports.udp.includes(destinationPort)) flannelUdp(state, at + 8)
}

/** Decodes an Ethernet header and all that is behind it. */
export function decodeEthernet(state: Decoding, at: number): void {
  if (!has(state, at, { size: 14, header: 'ethernet' })) return
  const { bytes } = state
  const type = u16(bytes, at + 12)
  state.layers.push({
    kind: 'ethernet',
    source: macText(bytes, at + 6),
    destination: macText(bytes, at),
    type,
  })
  state.network(state, at + 14, type)
}

/** Decodes what stands behind an IP header. */
export function decodeTransport(state: Decoding, at: number, protocol: number): void {
  if (protocol === PROTOCOL.icmp) icmp(state, at)
  else if (protocol === PROTOCOL.udp) udp(state, at)
  else if (protocol === PROTOCOL.tcp) tcp(state, at)
  else if (protocol === PROTOCOL.icmp6) icmp6(state, at)
  else if (protocol === PROTOCOL.ipip) state.network(state, at, ETHERTYPE.ipv4)
  else state.layers.push({ kind: 'other', of: 'transport', number: protocol })
}
