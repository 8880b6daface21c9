/** How one of our pings is told from every other packet: by identifier and by 16 octets of its payload. */
import { randomBytes, randomInt } from 'node:crypto'

export interface ProbeIdentity {
  /** ICMP identifier, 1 to 65535. */
  readonly id: number
  /** 16 octets. */
  readonly nonce: Uint8Array
}

/** Octets of payload that ping needs for its time stamp and one whole nonce. */
export const LEAST_PING_SIZE = 32

/** An identity that no other probe has. */
export function newProbeIdentity(): ProbeIdentity {
  return { id: randomInt(1, 65_536), nonce: new Uint8Array(randomBytes(16)) }
}

/**
 * Options of iputils ping that give a probe its identity: `-e` (iputils 20200821 and later) and `-p`.
 * The pattern fills the payload from its start, then the first octets become ping's time stamp, so
 * the nonce stands whole from octet 16 on.
 */
export function identityOptions({ id, nonce }: ProbeIdentity): readonly string[] {
  return ['-e', String(id), '-p', Buffer.from(nonce).toString('hex')]
}
