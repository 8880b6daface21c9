/** What connection tracking of a host or container knows of the walked packet. */
import type { ConntrackState } from '../filter/packet.ts'
import { placeName } from './container-view.ts'
import type { Walk } from './state.ts'
import type { HostView } from './world.ts'

/** Answers belong to a question of the same zone that was tracked. */
function isTrackedAlike({ request, zones }: Walk, place: string): boolean {
  return request?.zones.get(place) === zones.get(place) && !request?.untracked.has(place)
}

/**
 * Conntrack knows a reply where it has seen the request; elsewhere an echo reply and the second packet of a TCP
 * connection open no flow (Linux `net/netfilter/nf_conntrack_proto_icmp.c`, `nf_conntrack_proto_tcp.c`) and meet no NAT.
 */
export function conntrackState(walk: Walk, host: HostView): ConntrackState {
  const { direction, request, packet, untracked } = walk
  const place = placeName(host)
  if (untracked.has(place)) return 'UNTRACKED'
  if (direction === 'request') return 'NEW'
  // Both ends have seen the request.
  const sawRequest = host.container !== undefined || request?.hops.some((hop) => hop.host === host.name)
  if (sawRequest && isTrackedAlike(walk, place)) return 'ESTABLISHED'
  return packet.protocol === 'udp' ? 'NEW' : 'INVALID'
}
