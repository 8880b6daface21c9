import { hostRoute } from '../lookup/host-route.ts'
import type { FoundRoute, RouteAnswer } from '../lookup/rules-lookup.ts'
import { headersOf, isLetThrough } from '../walk/filters.ts'
import { outlives } from '../walk/lifetime.ts'
import { type HopParts, isAway, isFree, lose, type Position, pass, type Walk } from '../walk/state.ts'
import { keptByTc, onLink } from '../walk/traffic-control.ts'
import { isKeptDestination, isTranslationKnown, undoTranslation } from '../walk/translation.ts'
import { type HostView, line } from '../walk/world.ts'
import { keptByIpsec } from '../walk/xfrm.ts'
import { forwards } from './forwarding.ts'
import { deliverLocally } from './local.ts'
import { keptFromOwn } from './own-address.ts'
import { refusedSource } from './reverse-path.ts'
import { exitOf, routeHop } from './route.ts'

type Arrived = Extract<Position, { at: 'arrived' }>

/** Prerouting: filters, rules that change the destination, and NAT undone. */
function isPastPrerouting(walk: Walk, host: HostView, parts: HopParts): boolean {
  const at = { hook: 'prerouting', inLink: parts.link ?? '' } as const
  const { link: _, ...hop } = parts
  return isLetThrough(walk, host, { at, parts: hop }) && isKeptDestination(walk, host, { at, parts: hop })
}

/** What stops a packet that has a way on: the switch, the source, the time to live. */
function isForwardable(walk: Walk, host: HostView, parts: HopParts & { readonly link: string }): boolean {
  const { link, ...hop } = parts
  const { name, value } = forwards(host, link)
  if (value === undefined) {
    lose(walk, 'not-enough-facts', { ...hop, why: `${name} was not read` })
  } else if (value === '0') {
    const used = [line(host, 'sysctls', `${name} = 0`)]
    lose(walk, 'forwarding-off', { ...hop, used, why: `${name} = 0` })
  }
  return walk.ends === undefined && outlives(walk, hop)
}

function isSourceAccepted(walk: Walk, host: HostView, parts: HopParts & { readonly link: string }): boolean {
  const { link, ...hop } = parts
  const { source, destination } = walk
  const refused = refusedSource(host, { source, destination, link, headers: headersOf(walk) })
  if (refused === undefined) return true
  lose(walk, refused.drop, { ...hop, used: refused.used, why: refused.why })
  return false
}

function isLoop(walk: Walk, { host, link }: Arrived): boolean {
  const key = `${host} ${link}`
  if (walk.visited.has(key)) return true
  walk.visited.add(key)
  return false
}

/** Forward and postrouting filters and source NAT; the exit is where the route leads. */
function isPastFilters(
  walk: Walk,
  host: HostView,
  asked: { at: Arrived; parts: HopParts; exit: Leaving },
): boolean {
  const { at, parts, exit } = asked
  const links = { inLink: at.link, outLink: exit.link }
  return (
    isLetThrough(walk, host, { at: { hook: 'forward', ...links }, parts }) &&
    isLetThrough(walk, host, { at: { hook: 'postrouting', ...links }, parts }) &&
    isTranslationKnown(walk, host, { exit: { ...links, nextHop: exit.nextHop }, parts })
  )
}

/** A packet that came in and is for somebody else. */
interface Forwarding {
  readonly at: Arrived
  readonly answer: RouteAnswer
  readonly hop: { readonly stage: 'forward' | 'forward-in'; readonly host: string }
  readonly undone: string | undefined
}

type Leaving = Extract<Position, { at: 'leaving' }>

function isForHost({ route }: FoundRoute): boolean {
  return route.type === 'local' || route.type === 'broadcast'
}

/** Forwards a packet that is not for the host; undefined when it ends there. */
function forward(walk: Walk, host: HostView, asked: Forwarding): Position | undefined {
  const { at, answer, hop, undone } = asked
  if (!isForwardable(walk, host, { ...hop, link: at.link })) return undefined
  const exit = exitOf(walk, host, { answer, stage: hop.stage })
  if (exit === undefined || !isSourceAccepted(walk, host, { ...hop, link: at.link })) return undefined
  const packet = headersOf(walk)
  const kept =
    keptByIpsec(host, { direction: 'fwd', link: at.link, packet }) ??
    keptByIpsec(host, { direction: 'out', link: exit.place.link, packet })
  if (!isFree(walk, kept, hop)) return undefined
  if (!isPastFilters(walk, host, { at, parts: hop, exit: exit.place })) return undefined
  const why = undone === undefined ? {} : { why: undone }
  if (hop.stage === 'forward-in') pass(walk, { ...hop, used: exit.used, ...why })
  else {
    pass(walk, { ...hop, ...why })
    pass(walk, routeHop(host, exit))
  }
  return exit.place
}

/** True where the packet is for the host itself, and at an address that it has. */
function isTarget({ to, destination }: Walk, { name, local }: HostView): boolean {
  return to.host === name && to.container === undefined && local.has(destination)
}

/** Takes a packet through a host; undefined when it ends there. */
export function arrive(walk: Walk, host: HostView, at: Arrived): Position | undefined {
  const stage = isAway(walk, host.name) ? 'forward-in' : 'forward'
  const hop = { stage, host: host.name } as const
  const parts = { ...hop, link: at.link }
  if (isLoop(walk, at)) return lose(walk, 'loop', { ...hop, why: `it has come by ${at.link} before` })
  const kept = keptByTc(host, onLink(walk, at.link, 'ingress'))
  if (!isFree(walk, kept, parts) || !isPastPrerouting(walk, host, parts)) return undefined
  const undone = undoTranslation(walk, host)
  const flow = {
    source: walk.source,
    destination: walk.destination,
    inLink: at.link,
    mark: walk.mark,
    headers: headersOf(walk),
  }
  const answer = hostRoute(host, flow)
  if (answer.kind !== 'route' || !isForHost(answer)) {
    const isFreeToGo = !isTarget(walk, host) || isFree(walk, keptFromOwn(host, walk.destination, answer), hop)
    return isFreeToGo ? forward(walk, host, { at, answer, hop, undone }) : undefined
  }
  if (!isSourceAccepted(walk, host, parts)) return undefined
  return deliverLocally(walk, host, { inLink: at.link, answer })
}
