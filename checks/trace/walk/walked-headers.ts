/** The headers of the walked packet. */
import { parseAddress } from '../../model/address.ts'
import type { Headers, ServiceEnd } from '../filter/packet.ts'
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

/** The end of the service that the packet was sent to, as long as it is on its way to the service itself. */
export function chosenEnd({ packet: { service }, to, redirected, direction }: Walk): ServiceEnd | undefined {
  if (service === undefined || direction === 'reply' || redirected.length > 0) return undefined
  return { address: parseAddress(to.address) ?? 0, port: service.endPort }
}
