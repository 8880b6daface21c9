/** Which captured packets are our probe: its request, its reply, or an error about it. */

import type { PacketPart } from '../../../checks/model/trace-observation.ts'
import { ICMP_TYPE } from './decode-transport.ts'
import type { TunnelPorts } from './decoding.ts'
import { icmpAt, icmpPacket, innermostFrom, NO_ICMP } from './echo-key.ts'
import type { Frame } from './frame.ts'
import { u16 } from './octets.ts'
import { matchPacket } from './packet-match.ts'
import type { ProbeIdentity } from './probe-identity.ts'

export interface ProbeMatch {
  readonly part: PacketPart
  readonly sequence: number
  /** Offset of the innermost IPv4 header, for an error that of the packet which carries it. */
  readonly network: number
}

/** Octets of ICMP header and time stamp before the nonce. */
const NONCE_AT = 8 + 16

function carries(frame: Frame, icmp: number, nonce: Uint8Array): boolean {
  const from = icmp + NONCE_AT
  if (from + nonce.length > frame.end) return false
  return nonce.every((octet, i) => frame.bytes[from + i] === octet)
}

/** The echo at `network`, when it is the probe's. */
function echoOf(frame: Frame, network: number, nonce: Uint8Array): ProbeMatch | undefined {
  const { bytes } = frame
  const icmp = icmpAt(bytes, network)
  if (!carries(frame, icmp, nonce)) return undefined
  const part = bytes[icmp] === ICMP_TYPE.echo ? 'request' : 'reply'
  return { part, sequence: u16(bytes, icmp + 6), network }
}

/**
 * What of the probe a packet is; undefined when it is none. The nonce alone decides: masquerading may
 * change the identifier. An error counts when the packet it quotes is the probe, tunnelled or not.
 */
export function matchProbe(
  frame: Frame,
  probe: Pick<ProbeIdentity, 'nonce' | 'packet'>,
  ports: TunnelPorts,
): ProbeMatch | undefined {
  const { packet, nonce } = probe
  if (packet !== undefined) return matchPacket(frame, { ...packet, nonce }, ports)
  const network = icmpPacket(frame, ports)
  if (network === NO_ICMP) return undefined
  const icmp = icmpAt(frame.bytes, network)
  const type = frame.bytes[icmp]
  if (type === ICMP_TYPE.echo || type === ICMP_TYPE.echoReply) return echoOf(frame, network, nonce)
  if (type !== ICMP_TYPE.unreachable && type !== ICMP_TYPE.timeExceeded) return undefined
  const quoted = innermostFrom(frame, icmp + 8, { ports })
  const about = quoted === NO_ICMP ? undefined : echoOf(frame, quoted, nonce)
  return about && { part: 'error', sequence: about.sequence, network }
}
