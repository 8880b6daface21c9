/**
 * Where the network packet begins in each kind of capture. The numbers are LINKTYPE_ values of
 * https://www.tcpdump.org/linktypes.html: Ethernet for veth, bridges and vxlan; raw IP for the tun
 * link of the udp backend; cooked for captures on `any`; loopback as BSDs write it.
 */
import { u16 } from './octets.ts'

export const LINK_TYPE = {
  null: 0,
  ethernet: 1,
  rawOld: 12,
  raw: 101,
  loop: 108,
  cooked: 113,
  ipv4: 228,
  ipv6: 229,
  cooked2: 276,
} as const

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, qinq: 0x88a8 } as const

/** Octets before the network packet, by link type; a link type that is not here is not understood. */
const HEADER: Readonly<Record<number, number>> = {
  [LINK_TYPE.null]: 4,
  [LINK_TYPE.ethernet]: 14,
  [LINK_TYPE.rawOld]: 0,
  [LINK_TYPE.raw]: 0,
  [LINK_TYPE.loop]: 4,
  [LINK_TYPE.cooked]: 16,
  [LINK_TYPE.ipv4]: 0,
  [LINK_TYPE.ipv6]: 0,
  [LINK_TYPE.cooked2]: 20,
}

/** Where the packet's type stands, for link types whose header has one. */
const TYPE_AT: Readonly<Record<number, number>> = {
  [LINK_TYPE.ethernet]: 12,
  [LINK_TYPE.cooked]: 14,
  [LINK_TYPE.cooked2]: 0,
}

/** Length of the link header; undefined for a link type that is not understood. */
export function linkHeader(linkType: number): number | undefined {
  return HEADER[linkType]
}

/**
 * Ethertype of the packet behind a link header that lies at `start`; raw and loopback captures
 * have none there, so it is read from the version of the IP header. 0 when there is no octet to read.
 */
export function linkedType(
  bytes: Uint8Array,
  place: { start: number; end: number; linkType: number },
): number {
  const { start, end, linkType } = place
  const typeAt = TYPE_AT[linkType]
  if (typeAt !== undefined) return start + typeAt + 2 <= end ? u16(bytes, start + typeAt) : 0
  const network = start + (HEADER[linkType] ?? 0)
  return network < end ? versionType(bytes[network] as number) : 0
}

/** Ethertype that the first octet of an IP header stands for; 0 when it is neither IPv4 nor IPv6. */
export function versionType(octet: number): number {
  if (octet >> 4 === 4) return ETHERTYPE.ipv4
  return octet >> 4 === 6 ? ETHERTYPE.ipv6 : 0
}
