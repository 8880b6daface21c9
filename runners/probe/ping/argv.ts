/** The words of one ping(8) of iputils: numeric, bounded, marked as ours, never fragmented. */
import { verifiedAddress } from '../jobs/script-jobs.ts'

/** IPv4 header (RFC 791, without options) and ICMP echo header (RFC 792), bytes. */
export const PING_HEADERS = 28

/** Time to wait for an answer when none comes, seconds (`-W`). */
export const PING_WAIT_S = 1

/** What one ping sends. */
export interface PingWords {
  /** IPv4 literal. */
  readonly address: string
  /** The whole IP packet, bytes. */
  readonly size: number
  readonly count: number
  /** ICMP identifier, 1 to 65535; iputils from 20210722 on (`-e`). */
  readonly id?: number
  /** Payload pattern, up to 16 bytes in hexadecimal. */
  readonly nonce?: string
  /** Seconds between requests; below 0.2 only root may. */
  readonly interval: number
}

/**
 * Argument list of a ping. Throws TypeError for an address that is no IPv4 literal, so that no
 * option can be smuggled in, and for a size below the headers.
 */
export function pingArgv({ address, size, count, id, nonce, interval }: PingWords): readonly string[] {
  verifiedAddress(address)
  if (!Number.isInteger(size) || size < PING_HEADERS) throw new TypeError(`no ping has ${size} bytes`)
  const ours = [...(id === undefined ? [] : ['-e', `${id}`]), ...(nonce === undefined ? [] : ['-p', nonce])]
  const payload = `${size - PING_HEADERS}`
  const pace = ['-c', `${count}`, '-i', `${interval}`, '-W', `${PING_WAIT_S}`]
  return ['ping', '-n', ...pace, '-s', payload, '-M', 'do', ...ours, address]
}

/** What a person types to see the same. */
export function pingCommand({ address, size, count }: Pick<PingWords, 'address' | 'size' | 'count'>): string {
  return `ping -n -c ${count} -s ${size - PING_HEADERS} -M do ${address}`
}
