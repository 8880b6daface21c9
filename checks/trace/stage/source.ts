/** A host sends a packet of its own: route, source address, filters. */
import { formatAddress } from '../../model/address.ts'
import type { Route } from '../../model/route.ts'
import type { RouteAnswer } from '../lookup/rules-lookup.ts'
import { headersOf, isLetThrough } from '../walk/filters.ts'
import { isFree, lose, type Position, pass, type Walk } from '../walk/state.ts'
import { isKeptDestination, isTranslationKnown } from '../walk/translation.ts'
import { type HostView, line } from '../walk/world.ts'
import { keptByIpsec } from '../walk/xfrm.ts'
import { deliverLocally } from './local.ts'
import { type Exit, exitOf, routeHop } from './route.ts'
import {
  ECHO_IGNORED,
  isEchoIgnored,
  limitLife,
  markedRoute,
  ownSource,
  senderRoute,
} from './sender-route.ts'

/** Output filters; where they mark the packet its route is looked up again. */
function pastOutput(walk: Walk, host: HostView, exit: Exit): Exit | undefined {
  const parts = { stage: 'forward', host: host.name } as const
  const outLink = exit.place.link
  const at = { hook: 'output', outLink } as const
  const kept = keptByIpsec(host, { direction: 'out', link: outLink, packet: headersOf(walk) })
  if (!isFree(walk, kept, parts) || !isLetThrough(walk, host, { at, parts })) return undefined
  const { isRerouted, destination } = walk
  if (!isKeptDestination(walk, host, { at, parts })) return undefined
  return isRerouted || destination !== walk.destination
    ? exitOf(walk, host, { answer: markedRoute(walk, host), stage: 'source' })
    : exit
}

/** Postrouting filters and source NAT. */
function isPastPostrouting(walk: Walk, host: HostView, { place: { link: outLink, nextHop } }: Exit): boolean {
  const parts = { stage: 'forward', host: host.name } as const
  return (
    isLetThrough(walk, host, { at: { hook: 'postrouting', outLink }, parts }) &&
    isTranslationKnown(walk, host, { exit: { outLink, nextHop }, parts })
  )
}

/** The address the route gives a request; a reply keeps the one that was asked. Says whether there is any. */
function hasSource(walk: Walk, host: HostView, route: Route): boolean {
  if (walk.direction === 'reply') return true
  const own = ownSource(walk, host, route)
  walk.source = own ?? 0
  return own !== undefined
}

/** Through the host's filters and out. */
function sendOut(walk: Walk, host: HostView, answer: RouteAnswer): Position | undefined {
  const first = exitOf(walk, host, { answer, stage: 'source' })
  const exit = first && pastOutput(walk, host, first)
  if (exit === undefined || !isPastPostrouting(walk, host, exit)) return undefined
  pass(walk, { stage: 'forward', host: host.name })
  pass(walk, routeHop(host, exit))
  return exit.place
}

/** Sends from the host. A reply keeps the address that was asked; a request gets the one the route chooses. */
export function sendFromHost(walk: Walk, host: HostView): Position | undefined {
  const hop = { stage: 'source', host: host.name } as const
  if (isEchoIgnored(walk, host)) {
    const used = [line(host, 'sysctls', ECHO_IGNORED)]
    return lose(walk, 'no-answer', { ...hop, used, why: `${host.name} answers no ping` })
  }
  const answer = senderRoute(walk, host)
  limitLife(walk, host, answer)
  const route = answer.kind === 'route' ? answer.route : undefined
  if (route !== undefined && !hasSource(walk, host, route))
    return lose(walk, 'not-enough-facts', { ...hop, why: `${host.name} has no address to send from` })
  pass(walk, { ...hop, ...(walk.source === 0 ? {} : { why: `from ${formatAddress(walk.source)}` }) })
  if (answer.kind === 'route' && answer.route.type === 'local')
    return deliverLocally(walk, host, { inLink: 'lo', answer })
  return sendOut(walk, host, answer)
}
