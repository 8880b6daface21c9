/** The time to live of the packet that carries ours: what its link and rules write into it, and whether routers let it pass. */

import type { Evidence } from '../../check.ts'
import { formatAddress } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import { ruleEvidence } from '../filter/rule-evidence.ts'
import type { Passage } from '../walk/filters.ts'
import { firstTtl, TTL_SETTING } from '../walk/lifetime.ts'
import type { SentOuter } from '../walk/outer.ts'
import { lose, type Outer, type Walk } from '../walk/state.ts'
import { type HostView, line } from '../walk/world.ts'

/** The outer packet with the time to live that its link, its route or its host's kernel writes. */
export function asSent(host: HostView, outer: Outer, { hopLimit }: Pick<Exit, 'hopLimit'>): Outer {
  return { ...outer, ttl: outer.ttl ?? (hopLimit || firstTtl(host)) }
}

/** The outer packet with the mark and the time to live that rules have written. */
export function asLeft(outer: SentOuter, { mark, ttl }: Passage): SentOuter {
  return { ...outer, mark, ...(ttl && { ttl: ttl.value, ttlRule: ttl.rule }) }
}

/** True where the next hop is a router and the packet has no life left for it. */
export function isExpired({ ttl, destination }: Outer, nextHop: number): boolean {
  return nextHop !== destination && ttl !== undefined && ttl <= 1
}

/** The way of an outer packet: its next hop, and the route with the time to live that it gives. */
interface Exit {
  readonly nextHop: number
  readonly text: string
  readonly hopLimit?: number
}

/** What wrote the time to live, where no rule did. */
function writtenBy(host: HostView, { link, ttl }: Outer, { text, hopLimit }: Exit): Evidence {
  if (host.links.get(link)?.vxlan?.ttl !== undefined) return line(host, 'links', `${link} ttl ${ttl}`)
  return hopLimit ? line(host, 'routes', text) : line(host, 'sysctls', `${TTL_SETTING} = ${ttl}`)
}

/** Ends the walk of a packet that the first router throws away. */
export function expire(
  walk: Walk,
  host: HostView,
  { outer, exit }: { readonly outer: Outer; readonly exit: Exit },
): undefined {
  const { ttl, ttlRule: rule, link } = outer
  const why = `${link} sends with a time to live of ${ttl} by the router ${formatAddress(exit.nextHop)}`
  const used = rule ? ruleEvidence(rule, host.filters) : [writtenBy(host, outer, exit)]
  return lose(walk, 'expired', { stage: 'encap', host: host.name, link, used, why, ...present({ rule }) })
}

/** As it comes to the receiver: behind routers it is not known how many have taken one off. */
export function asArriving(outer: SentOuter, nextHop: number): SentOuter {
  const { ttl: _, ...routed } = outer
  return nextHop === outer.destination ? outer : routed
}
