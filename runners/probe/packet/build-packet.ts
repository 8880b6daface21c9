/** The IPv4 packets that are sent in place of pings, octet by octet: SYNs of TCP connections and UDP datagrams of ours. */
import { PROTOCOL, TCP_FLAG } from '../capture/decode-transport.ts'
import type { SentPacket } from '../capture/probe-identity.ts'
import { verifiedAddress } from '../jobs/script-jobs.ts'

const IP_HEADER = 20
const TCP_HEADER = 20
const UDP_HEADER = 8
/** Octets of the nonce in a datagram; the number of the packet follows. */
const NONCE = 16
/** Sizes of a SYN whose options are padded: none is Linux's own 60, and the last has all 40 octets of options. */
export const SYN_SIZES = [64, 68, 72, 76, 80] as const
/** What a SYN offers as largest segment: room for any tunnel. */
const MSS = 1200
const WINDOW = 64_240
const DONT_FRAGMENT = 0x4000
const TTL = 64

/** Who sends what to whom. */
export interface PacketEnds {
  /** IPv4 literals. */
  readonly source: string
  readonly destination: string
  /** The whole IP packet, bytes. */
  readonly size: number
}

/** The Internet checksum (RFC 1071). */
function checksum(octets: Buffer): number {
  let sum = 0
  for (let at = 0; at < octets.length; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** Behind the ports: the header of a SYN and its options. */
function writeSyn(tcp: Buffer, sequence: number): void {
  tcp.writeUInt32BE(sequence >>> 0, 4)
  tcp[12] = (tcp.length / 4) << 4
  tcp[13] = TCP_FLAG.syn
  tcp.writeUInt16BE(WINDOW, 14)
  tcp.fill(1, TCP_HEADER) // no operation
  tcp.writeUInt16BE(0x0204, TCP_HEADER)
  tcp.writeUInt16BE(MSS, TCP_HEADER + 2)
}

/** Behind the ports: the rest of a datagram's header, and what it carries. */
function writeDatagram(udp: Buffer, nonce: Uint8Array, number: number): void {
  udp.writeUInt16BE(udp.length, 4)
  udp.set(nonce, UDP_HEADER)
  udp[UDP_HEADER + NONCE] = number
}

function ipHeader({ source, destination, size }: PacketEnds, protocol: number): Buffer {
  const ip = Buffer.alloc(IP_HEADER)
  ip[0] = 0x45
  ip.writeUInt16BE(size, 2)
  ip.writeUInt16BE(DONT_FRAGMENT, 6)
  ip[8] = TTL
  ip[9] = protocol
  ip.writeUInt32BE(verifiedAddress(source), 12)
  ip.writeUInt32BE(verifiedAddress(destination), 16)
  return ip
}

/** The smallest and the largest packet of a protocol that carries its mark, bytes. */
function packetSizes(protocol: SentPacket['protocol']): {
  readonly least: number
  readonly most: number
} {
  return protocol === 'tcp'
    ? { least: IP_HEADER + TCP_HEADER + 4, most: SYN_SIZES.at(-1) ?? 80 }
    : { least: IP_HEADER + UDP_HEADER + NONCE + 1, most: 65_535 }
}

/**
 * The whole packet of that number, from 1 on, as it is handed to a raw socket (raw(7), IP_HDRINCL). Throws TypeError for
 * what is no IPv4 address, RangeError for a size that cannot carry it.
 */
export function buildPacket(
  packet: SentPacket & { readonly nonce: Uint8Array },
  number: number,
  ends: PacketEnds,
): Buffer {
  const { least, most } = packetSizes(packet.protocol)
  const isOdd = packet.protocol === 'tcp' && ends.size % 4 !== 0
  if (ends.size < least || ends.size > most || isOdd)
    throw new RangeError(`no ${packet.protocol} packet of ${ends.size} bytes`)
  const length = ends.size - IP_HEADER
  const segment = Buffer.alloc(length)
  segment.writeUInt16BE(packet.sourcePort, 0)
  segment.writeUInt16BE(packet.destinationPort, 2)
  if (packet.protocol === 'tcp') writeSyn(segment, packet.sequence + number)
  else writeDatagram(segment, packet.nonce, number)
  const protocol = PROTOCOL[packet.protocol]
  const pseudo = Buffer.alloc(12)
  pseudo.writeUInt32BE(verifiedAddress(ends.source), 0)
  pseudo.writeUInt32BE(verifiedAddress(ends.destination), 4)
  pseudo[9] = protocol
  pseudo.writeUInt16BE(length, 10)
  const sum = checksum(Buffer.concat([pseudo, segment]))
  segment.writeUInt16BE(sum === 0 ? 0xffff : sum, packet.protocol === 'tcp' ? 16 : 6)
  return Buffer.concat([ipHeader(ends, protocol), segment])
}
