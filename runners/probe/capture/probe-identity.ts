/** How one of our packets is told from every other: by identifier, by 16 octets of its payload, by sequence numbers. */
import { randomBytes, randomInt } from 'node:crypto'
import type { ConnectionProtocol } from '../../../checks/model/observation.ts'

/** What is sent in place of pings: the first packets of TCP connections, or UDP datagrams. */
export interface SentPacket {
  readonly protocol: ConnectionProtocol
  readonly sourcePort: number
  readonly destinationPort: number
  /** Of TCP: the sequence number before that of the first packet, its last four bits 0. */
  readonly sequence: number
}

/** Packets that are sent with one identity, at most: their numbers stay within four bits. */
export const MOST_NUMBERS = 14

export interface ProbeIdentity {
  /** ICMP identifier, 1 to 65535. */
  readonly id: number
  /** 16 octets. */
  readonly nonce: Uint8Array
  /** Absent for pings. */
  readonly packet?: SentPacket
}

/** Octets of payload that ping needs for its time stamp and one whole nonce. */
export const LEAST_PING_SIZE = 32

/** An identity that no other probe has. */
export function newProbeIdentity(): ProbeIdentity {
  return { id: randomInt(1, 65_536), nonce: new Uint8Array(randomBytes(16)) }
}

/** An identity for packets to a port. The port they come from is one that Linux gives to clients by default. */
export function newPacketIdentity(protocol: ConnectionProtocol, destinationPort: number): ProbeIdentity {
  const sequence = randomInt(0x10, 0x1000_0000) * 0x10
  const sourcePort = randomInt(32_768, 61_000)
  return { ...newProbeIdentity(), packet: { protocol, sourcePort, destinationPort, sequence } }
}

/**
 * Options of iputils ping that give a probe its identity: `-e` (iputils 20200821 and later) and `-p`.
 * The pattern fills the payload from its start, then the first octets become ping's time stamp, so
 * the nonce stands whole from octet 16 on.
 */
export function identityOptions({ id, nonce }: ProbeIdentity): readonly string[] {
  return ['-e', String(id), '-p', Buffer.from(nonce).toString('hex')]
}
