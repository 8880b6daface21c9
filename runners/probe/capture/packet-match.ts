/** Which captured packets are those that were sent in place of pings, their answers, or errors about them. */
import { ICMP_TYPE, PROTOCOL, TCP_FLAG, UNREACHABLE_CODE } from './decode-transport.ts'
import type { TunnelPorts } from './decoding.ts'
import { icmpAt, icmpPacket, innermost, innermostFrom, NO_ICMP } from './echo-key.ts'
import type { Frame } from './frame.ts'
import { u16, u32 } from './octets.ts'
import { MOST_NUMBERS, type SentPacket } from './probe-identity.ts'
import type { ProbeMatch } from './probe-match.ts'

type Ours = SentPacket & { readonly nonce: Uint8Array }

/** Octets of UDP's header, then those of the nonce. */
const [NONCE_AT, NUMBER_AT] = [8, 24]

/** The number of a packet of ours by a sequence number; undefined for that of another. */
function numberOf(value: number, { sequence }: Ours): number | undefined {
  const number = (value - sequence) >>> 0
  return number >= 1 && number <= MOST_NUMBERS ? number : undefined
}

function isSyn({ bytes, end }: Frame, at: number): boolean {
  const flags = at + 14 <= end ? (bytes[at + 13] as number) : 0
  return (flags & TCP_FLAG.syn) !== 0 && (flags & TCP_FLAG.ack) === 0
}

/** An answer of TCP acknowledges the sequence number of the SYN and one more; a reset may have no other mark. */
function tcpPart(frame: Frame, at: number, ours: Ours): Pick<ProbeMatch, 'part' | 'sequence'> | undefined {
  const { bytes, end } = frame
  if (at + 20 > end) return undefined
  const sent = isSyn(frame, at) ? numberOf(u32(bytes, at + 4), ours) : undefined
  if (sent !== undefined) return { part: 'request', sequence: sent }
  const flags = bytes[at + 13] as number
  const answered =
    (flags & (TCP_FLAG.syn | TCP_FLAG.rst)) === 0 ? undefined : numberOf(u32(bytes, at + 8) - 1, ours)
  return answered === undefined ? undefined : { part: 'reply', sequence: answered }
}

/** The number in a datagram of ours; masquerading may change its ports, the nonce stays. */
function datagramNumber({ bytes, end }: Frame, at: number, { nonce }: Ours): number | undefined {
  if (at + NUMBER_AT >= end) return undefined
  return nonce.every((octet, i) => bytes[at + NONCE_AT + i] === octet) ? bytes[at + NUMBER_AT] : undefined
}

function udpPart(frame: Frame, at: number, ours: Ours): Pick<ProbeMatch, 'part' | 'sequence'> | undefined {
  const { bytes } = frame
  const isBack = u16(bytes, at) === ours.destinationPort && u16(bytes, at + 2) === ours.sourcePort
  if (isBack) return { part: 'reply', sequence: datagramNumber(frame, at, ours) ?? 1 }
  const sequence = datagramNumber(frame, at, ours)
  return sequence === undefined ? undefined : { part: 'request', sequence }
}

/** The packet that an ICMP error quotes: eight octets behind its IP header at least (RFC 792). */
function quotedNumber(frame: Frame, at: number, ours: Ours): number | undefined {
  const { bytes } = frame
  if (ours.protocol === 'tcp') return numberOf(u32(bytes, at + 4), ours)
  const hasPorts = u16(bytes, at) === ours.sourcePort && u16(bytes, at + 2) === ours.destinationPort
  return datagramNumber(frame, at, ours) ?? (hasPorts ? 1 : undefined)
}

/** Where the target itself answers so: a closed port of UDP is told by an error of its host. */
function errorPart(frame: Frame, ours: Ours, ports: TunnelPorts): ProbeMatch | undefined {
  const network = icmpPacket(frame, ports)
  if (network === NO_ICMP) return undefined
  const icmp = icmpAt(frame.bytes, network)
  const type = frame.bytes[icmp]
  if (type !== ICMP_TYPE.unreachable && type !== ICMP_TYPE.timeExceeded) return undefined
  const quoted = innermostFrom(frame, icmp + 8, { ports, protocol: PROTOCOL[ours.protocol] })
  if (quoted === NO_ICMP) return undefined
  const sequence = quotedNumber(frame, icmpAt(frame.bytes, quoted), ours)
  if (sequence === undefined) return undefined
  const isOfTarget = u32(frame.bytes, network + 12) === u32(frame.bytes, quoted + 16)
  const isAnswer = ours.protocol === 'udp' && frame.bytes[icmp + 1] === UNREACHABLE_CODE.port && isOfTarget
  return { part: isAnswer ? 'reply' : 'error', sequence, network }
}

/** What of our packets a captured one is; undefined when it is none. */
export function matchPacket(frame: Frame, ours: Ours, ports: TunnelPorts): ProbeMatch | undefined {
  const network = innermost(frame, { ports, protocol: PROTOCOL[ours.protocol] })
  if (network === NO_ICMP) return errorPart(frame, ours, ports)
  const at = icmpAt(frame.bytes, network)
  const part = ours.protocol === 'tcp' ? tcpPart(frame, at, ours) : udpPart(frame, at, ours)
  return part && { ...part, network }
}
