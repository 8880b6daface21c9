/** The mark with which the route of a packet is looked up, of either family. */
import type { HostFilters } from './host-filters.ts'
import type { Mark, Packet } from './packet.ts'
import { verdictAt } from './verdict.ts'

/**
 * What rules of the packet filter write on a packet that comes in, before its route is looked up, or on one of the host's own, whose
 * route is then looked up again (Linux `net/ipv4/netfilter/iptable_mangle.c`, `ipt_mangle_out`). `unknown` where not all rules were read.
 */
export function markForRoute({ tables, unread }: HostFilters, packet: Packet): Mark {
  if (unread.length > 0) return 'unknown'
  const isOwn = packet.inLink === undefined
  const { mark, isReroutedBy } = verdictAt(tables, isOwn ? 'output' : 'prerouting', { packet, mark: 0 })
  return isOwn && !isReroutedBy ? 0 : mark
}
