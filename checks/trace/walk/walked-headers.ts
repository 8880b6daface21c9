/** The headers of the walked packet. */
import type { Headers } from '../filter/packet.ts'
import type { Walk } from './state.ts'

/** Ephemeral ports (RFC 6056 range) that no rule should name. */
const ANY_PORTS = { sourcePort: 50_001, destinationPort: 50_002 } as const

function flagsOf({ direction }: Walk): readonly string[] {
  return direction === 'request' ? ['syn'] : ['syn', 'ack']
}

/** The headers of the walked packet as they are now. */
export function headersOf(walk: Walk): Headers {
  const { source, destination, direction, packet, size, ttl } = walk
  const { protocol = 'icmp' } = packet
  const base = { source, destination, protocol, size, ttl }
  if (protocol === 'icmp') return { ...base, icmpType: direction === 'request' ? 8 : 0 }
  const { sourcePort = ANY_PORTS.sourcePort } = packet
  const { destinationPort = packet.destinationPort ?? ANY_PORTS.destinationPort } =
    walk.redirected.at(-1) ?? {}
  const ports = { ...base, sourcePort, destinationPort }
  return protocol === 'tcp' ? { ...ports, tcpFlags: flagsOf(walk) } : ports
}
