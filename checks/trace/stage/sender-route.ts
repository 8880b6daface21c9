/** What a host or a container itself sends: whether it answers a ping, by which route, and the source address it gets by it. */
import { present } from '../../model/present.ts'
import type { Route } from '../../model/route.ts'
import { hostRoute } from '../lookup/host-route.ts'
import type { RouteAnswer } from '../lookup/rules-lookup.ts'
import { sourceFor } from '../lookup/source-address.ts'
import { routeText } from '../text/route-text.ts'
import { headersOf } from '../walk/filters.ts'
import { firstTtl, TTL_SETTING, USUAL_TTL } from '../walk/lifetime.ts'
import type { Walk } from '../walk/state.ts'
import { type HostView, line } from '../walk/world.ts'

/** The setting, as it stands in evidence, by which a kernel answers no ping. */
export const ECHO_IGNORED = 'net.ipv4.icmp_echo_ignore_all = 1'

/** True where the walked packet is the answer to a ping and its sender's kernel was told to give none. */
export function isEchoIgnored({ direction, packet }: Walk, { sysctls }: HostView): boolean {
  const { protocol = 'icmp' } = packet
  return direction === 'reply' && protocol === 'icmp' && sysctls.get('net.ipv4.icmp_echo_ignore_all') === '1'
}

/** The address that a packet without one gets by its route; undefined where the sender has none. */
export function ownSource(walk: Walk, view: HostView, route: Route): number | undefined {
  if (route.type === 'local') return walk.destination
  return route.source ?? sourceFor(view, route.link ?? '', route.gateway ?? walk.destination)
}

/**
 * The route of a reply is looked up with its source, that of a request without one and again with the one it got
 * (Linux `include/net/route.h`, `ip_route_connect`): a connection goes by the second answer. A ping goes by the first,
 * but it asks the second too and does not begin where that is a refusal.
 */
export function senderRoute(walk: Walk, view: HostView): RouteAnswer {
  const flow = { destination: walk.destination, mark: 0, headers: headersOf(walk) } as const
  if (walk.direction === 'reply') return hostRoute(view, { ...flow, source: walk.source })
  const first = hostRoute(view, flow)
  const source = first.kind === 'route' ? ownSource(walk, view, first.route) : undefined
  if (source === undefined) return first
  const second = hostRoute(view, { ...flow, source })
  const { protocol = 'icmp' } = walk.packet
  return protocol === 'icmp' && second.kind === 'route' && second.route.link !== undefined ? first : second
}

/** The route that is looked up again once rules at output have marked the packet (Linux `ip_route_me_harder`). */
export function markedRoute(walk: Walk, view: HostView): RouteAnswer {
  const { source, destination, mark } = walk
  return hostRoute(view, { source, destination, mark, headers: headersOf(walk) })
}

/**
 * Writes the time to live that the route of a packet gives it, or the setting of its sender (Linux `include/net/route.h`,
 * `ip4_dst_hoplimit`).
 */
export function limitLife(walk: Walk, view: HostView, answer: RouteAnswer): void {
  if (answer.kind !== 'route' || walk.packet.ttl !== undefined) return
  const { name: host, container } = view
  const { hopLimit = 0 } = answer.route
  const ttl = hopLimit || firstTtl(view)
  if (ttl === USUAL_TTL) return
  const by = hopLimit
    ? line(view, 'routes', routeText(answer.route))
    : line(view, 'sysctls', `${TTL_SETTING} = ${ttl}`)
  const why = `${by.excerpt} of ${container ?? host} gives it a time to live of ${ttl}`
  walk.ttl = ttl
  walk.shortened = { stage: 'source', host, ...present({ container }), used: [by], why }
}
