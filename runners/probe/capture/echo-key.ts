/**
 * The fast way to "is this our probe?": finds the ICMP message, or what is behind another protocol's header, in the innermost IPv4 packet,
 * through VLAN tags and the tunnel, without making an object per packet.
 */
import { PROTOCOL } from './decode-transport.ts'
import type { TunnelPorts } from './decoding.ts'
import type { Frame } from './frame.ts'
import { ETHERTYPE, LINK_TYPE, linkedType, linkHeader } from './link-layer.ts'
import { u16 } from './octets.ts'

/** No ICMP message there. */
export const NO_ICMP = -1

/** Where an Ethernet frame's IPv4 packet begins; NO_ICMP when it carries something else. */
function behindEthernet(bytes: Uint8Array, at: number, end: number): number {
  let typeAt = at + 12
  for (let tags = 0; tags <= 2; tags++, typeAt += 4) {
    if (typeAt + 2 > end) return NO_ICMP
    const type = u16(bytes, typeAt)
    if (type === ETHERTYPE.ipv4) return typeAt + 2
    if (type !== ETHERTYPE.vlan && type !== ETHERTYPE.qinq) return NO_ICMP
  }
  return NO_ICMP
}

function networkOf(frame: Frame): number {
  if (frame.linkType === LINK_TYPE.ethernet) return behindEthernet(frame.bytes, frame.start, frame.end)
  const size = linkHeader(frame.linkType)
  if (size === undefined || linkedType(frame.bytes, frame) !== ETHERTYPE.ipv4) return NO_ICMP
  return frame.start + size
}

/** Where the packet inside a UDP datagram begins; NO_ICMP when the datagram is no tunnel's. */
function behindUdp(frame: Frame, udp: number, ports: TunnelPorts): number {
  const { bytes, end } = frame
  if (udp + 8 > end) return NO_ICMP
  const port = u16(bytes, udp + 2)
  if (ports.vxlan.includes(port)) return behindEthernet(bytes, udp + 16, end)
  return ports.udp.includes(port) ? udp + 8 : NO_ICMP
}

/** Whether a whole IPv4 header stands there, of a packet or of its first fragment. */
function isFirstPart({ bytes, end }: Frame, network: number): boolean {
  if (network + 20 > end || (bytes[network] as number) >> 4 !== 4) return false
  return (u16(bytes, network + 6) & 0x1fff) === 0
}

/** What is looked for behind the innermost IPv4 header. */
export interface Innermost {
  readonly ports: TunnelPorts
  /** Number of the IP protocol; ICMP unless given. */
  readonly protocol?: number
}

/**
 * Offset of the innermost IPv4 header whose payload is of a protocol, looked for from the IPv4 header at `at`;
 * NO_ICMP where there is none. A later fragment has no header of it and is none.
 */
export function innermostFrom(
  frame: Frame,
  at: number,
  { ports, protocol = PROTOCOL.icmp }: Innermost,
): number {
  const { bytes, end } = frame
  let network = at
  for (let tunnels = 0; tunnels < 3 && network >= 0; tunnels++) {
    if (!isFirstPart(frame, network)) return NO_ICMP
    const payload = icmpAt(bytes, network)
    const is = bytes[network + 9]
    const inside = is === PROTOCOL.udp ? behindUdp(frame, payload, ports) : NO_ICMP
    if (is === protocol && inside === NO_ICMP) return payload + 8 <= end ? network : NO_ICMP
    network = inside
  }
  return NO_ICMP
}

/** The same from the frame's own header on. */
export function innermost(frame: Frame, wanted: Innermost): number {
  const network = networkOf(frame)
  return network < 0 ? NO_ICMP : innermostFrom(frame, network, wanted)
}

/** Offset of the innermost IPv4 header of a packet that is ICMP; NO_ICMP where there is none. */
export function icmpPacket(frame: Frame, ports: TunnelPorts): number {
  return innermost(frame, { ports })
}

/** Offset of the header behind the IPv4 header at `network`. */
export function icmpAt(bytes: Uint8Array, network: number): number {
  return network + ((bytes[network] as number) & 15) * 4
}

/** Identifier and sequence number of the echo behind the IPv4 header at `network`, as one number. */
export function echoKey(bytes: Uint8Array, network: number): number {
  const icmp = icmpAt(bytes, network)
  return u16(bytes, icmp + 4) * 0x10000 + u16(bytes, icmp + 6)
}
