/** The outer UDP packet as packet filters see it. */
import type { Packet } from '../filter/packet.ts'
import { filterPlace } from './filters.ts'
import type { Outer } from './state.ts'
import type { HostView } from './world.ts'

/** vxlan takes its source port from a hash in the ephemeral range (Linux `udp_flow_src_port`): no rule should name it. */
const ANY_SOURCE_PORT = 50_001

/** Protocol and ports of the outer packet. */
export function outerHeaders({ kind, port }: Outer) {
  const sourcePort = kind === 'udp' ? port : ANY_SOURCE_PORT
  return { protocol: 'udp', sourcePort, destinationPort: port } as const
}

/**
 * Conntrack takes each direction of vxlan for a flow of its own; udp's two directions share
 * one, so that a packet may be either state there.
 */
export function outerPackets(host: HostView, outer: Outer & { readonly source: number }): readonly Packet[] {
  const { inner, size } = outer
  const packet = {
    ...filterPlace(host, outer.source),
    ...(inner && outer.kind === 'vxlan' && { inner }),
    size,
    source: outer.source,
    destination: outer.destination,
    ...outerHeaders(outer),
  } as const
  const states = outer.kind === 'udp' ? (['NEW', 'ESTABLISHED'] as const) : (['NEW'] as const)
  return states.map((state) => ({ ...packet, state }))
}
