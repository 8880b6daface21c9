/**
 * Inside a container's own network: what its routes, filters and settings do to what it sends and gets. Where these
 * were not read its default gateway decides alone.
 */
import type { Evidence } from '../../check.ts'
import { formatAddress } from '../../model/address.ts'
import type { Container, ContainerLink } from '../../model/container-bridge.ts'
import type { RouteAnswer } from '../lookup/rules-lookup.ts'
import { routeText } from '../text/route-text.ts'
import { containerView } from '../walk/container-view.ts'
import { headersOf, isLetThrough } from '../walk/filters.ts'
import { type HopParts, isFree, lose, loseKept, type Problem, type Walk } from '../walk/state.ts'
import { keptByTc, onLink } from '../walk/traffic-control.ts'
import {
  isKeptDestination,
  isTranslationKnown,
  undoRedirection,
  undoTranslation,
} from '../walk/translation.ts'
import { type HostView, line } from '../walk/world.ts'
import { keptByIpsec } from '../walk/xfrm.ts'
import { refusedSource } from './reverse-path.ts'
import { evidenceOf, overRoute, refusal } from './route.ts'
import {
  ECHO_IGNORED,
  isEchoIgnored,
  limitLife,
  markedRoute,
  ownSource,
  senderRoute,
} from './sender-route.ts'

/** Where a container sends a packet to. */
export interface SentTo {
  readonly link: ContainerLink
  readonly nextHop: number
  /** The route and the policy rule by which it goes, where they were read. */
  readonly used?: readonly Evidence[]
}

function parted(stage: 'source' | 'target', { name }: HostView, container: Container): HopParts {
  return { stage, host: name, container: container.name }
}

/** Filters at output; where they mark the packet its way is looked up again. */
function pastOutput(
  walk: Walk,
  view: HostView,
  { to, container }: { to: SentTo; container: Container },
): SentTo | undefined {
  const parts = parted('source', view, container)
  const outLink = to.link.name
  const output = { at: { hook: 'output', outLink }, parts } as const
  const kept = keptByIpsec(view, { direction: 'out', link: outLink, packet: headersOf(walk) })
  if (!isFree(walk, kept, parts) || !isLetThrough(walk, view, output)) return undefined
  const { isRerouted, destination } = walk
  if (!isKeptDestination(walk, view, output)) return undefined
  return isRerouted || destination !== walk.destination
    ? wayBy(walk, view, { container, answer: markedRoute(walk, view) })
    : to
}

/** Filters behind routing, and NAT of what the container sends. */
function isLetOut(walk: Walk, view: HostView, { to, parts }: { to: SentTo; parts: HopParts }): boolean {
  const outLink = to.link.name
  return (
    isLetThrough(walk, view, { at: { hook: 'postrouting', outLink }, parts }) &&
    isTranslationKnown(walk, view, { exit: { outLink, nextHop: to.nextHop }, parts }) &&
    isLetThrough(walk, view, { at: { hook: 'egress', outLink }, parts }) &&
    isFree(walk, keptByTc(view, onLink(walk, outLink, 'egress')), { ...parts, link: outLink })
  )
}

/** The link and next hop of the route that was found, and the source address that a request gets by it. */
function wayOut(
  walk: Walk,
  view: HostView,
  { container, answer }: { container: Container; answer: RouteAnswer },
): SentTo | Problem {
  if (answer.kind !== 'route') return refusal(answer)
  const { route } = answer
  if (route.type === 'local')
    return ['captured', `${formatAddress(walk.destination)} is an address of ${container.name} itself`]
  const refused = refusal(answer)
  if (refused !== undefined) return refused
  const link = container.links.find(({ name }) => name === route.link)
  if (link === undefined)
    return ['not-enough-facts', `${routeText(route)} of ${container.name} is not followed`]
  const nextHop = route.gateway ?? walk.destination
  if (walk.direction === 'request') walk.source = ownSource(walk, view, route) ?? walk.source
  return overRoute(walk, route) ?? { link, nextHop, used: evidenceOf(view, answer) }
}

/** The way out of a container that was looked into; undefined where the packet stays inside. */
function routedOut(walk: Walk, view: HostView, container: Container): SentTo | undefined {
  const parts = parted('source', view, container)
  if (isEchoIgnored(walk, view)) {
    const why = `${container.name} answers no ping: ${ECHO_IGNORED}`
    return lose(walk, 'no-answer', { ...parts, used: [line(view, 'sysctls', ECHO_IGNORED)], why })
  }
  const answer = senderRoute(walk, view)
  limitLife(walk, view, answer)
  const first = wayBy(walk, view, { container, answer })
  const to = first && pastOutput(walk, view, { to: first, container })
  return to && isLetOut(walk, view, { to, parts }) ? to : undefined
}

/** The way by a route; undefined where there is none, and the walk ends. */
function wayBy(
  walk: Walk,
  view: HostView,
  by: { container: Container; answer: RouteAnswer },
): SentTo | undefined {
  const to = wayOut(walk, view, by)
  if ('link' in to) return to
  const parts = parted('source', view, by.container)
  return loseKept(walk, { problem: to, used: evidenceOf(view, by.answer) }, parts)
}

/**
 * Where a container sends the packet to by what is inside of it; `unread` where that is not known. Undefined where the
 * walk has ended.
 */
export function sentTo(walk: Walk, host: HostView, container: Container): SentTo | undefined | 'unread' {
  const view = containerView(host, container)
  if (view === undefined) return 'unread'
  if (view.rules.length > 0) return routedOut(walk, view, container)
  const why = `${container.name} was not looked into: ${container.network?.unread}`
  return lose(walk, 'not-enough-facts', { ...parted('source', view, container), why })
}

/** Says whether a packet that came to the container's link gets to its sockets. */
export function isTakenIn(
  walk: Walk,
  host: HostView,
  at: { container: Container; link: ContainerLink },
): boolean {
  const view = containerView(host, at.container)
  if (view === undefined || view.rules.length === 0) return true
  const parts: HopParts = { ...parted('target', view, at.container), link: at.link.name }
  const inLink = at.link.name
  const first = { at: { hook: 'prerouting', inLink }, parts } as const
  walk.mark = 0
  if (!isLetThrough(walk, view, { at: { hook: 'ingress', inLink }, parts })) return false
  if (!isLetThrough(walk, view, first) || !isKeptDestination(walk, view, first)) return false
  undoTranslation(walk, view)
  const { source, destination } = walk
  const refused = refusedSource(view, { source, destination, link: inLink, headers: headersOf(walk) })
  if (refused !== undefined) {
    lose(walk, refused.drop, { ...parts, used: refused.used, why: refused.why })
    return false
  }
  const kept = keptByIpsec(view, { direction: 'in', link: inLink, packet: headersOf(walk) })
  const isIn = isLetThrough(walk, view, { at: { hook: 'input', inLink }, parts }) && isFree(walk, kept, parts)
  undoRedirection(walk, view)
  return isIn
}
