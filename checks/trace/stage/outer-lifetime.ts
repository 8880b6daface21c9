/** The time to live of the packet that carries ours: what its link and rules write into it, and whether routers let it pass. */
import { formatAddress } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import { ruleEvidence } from '../filter/rule-evidence.ts'
import type { Passage } from '../walk/filters.ts'
import type { SentOuter } from '../walk/outer.ts'
import { lose, type Outer, type Walk } from '../walk/state.ts'
import { type HostView, line } from '../walk/world.ts'

/** The outer packet with the mark and the time to live that rules have written. */
export function asLeft(outer: SentOuter, { mark, ttl }: Passage): SentOuter {
  return { ...outer, mark, ...(ttl && { ttl: ttl.value, ttlRule: ttl.rule }) }
}

/** True where the next hop is a router and the packet has no life left for it. */
export function isExpired({ ttl, destination }: Outer, nextHop: number): boolean {
  return nextHop !== destination && ttl !== undefined && ttl <= 1
}

/** Ends the walk of a packet that the first router throws away. */
export function expire(
  walk: Walk,
  host: HostView,
  { outer, router }: { readonly outer: Outer; readonly router: number },
): undefined {
  const { ttl, ttlRule: rule, link } = outer
  const why = `${link} sends with a time to live of ${ttl} by the router ${formatAddress(router)}`
  const used = rule ? ruleEvidence(rule, host.filters) : [line(host, 'links', `${link} ttl ${ttl}`)]
  return lose(walk, 'expired', { stage: 'encap', host: host.name, link, used, why, ...present({ rule }) })
}

/** As it comes to the receiver: behind routers it is not known how many have taken one off. */
export function asArriving(outer: SentOuter, nextHop: number): SentOuter {
  const { ttl: _, ...routed } = outer
  return nextHop === outer.destination ? outer : routed
}
