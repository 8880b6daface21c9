/** The sender's host sends an outer packet: route, output filters, underlay link. */
import { formatAddress } from '../../model/address.ts'
import { isUp, type Link } from '../../model/link.ts'
import { present } from '../../model/present.ts'
import { hostRoute } from '../lookup/host-route.ts'
import type { RouteAnswer } from '../lookup/rules-lookup.ts'
import { sourceFor } from '../lookup/source-address.ts'
import { routeText } from '../text/route-text.ts'
import { oversize } from '../walk/mtu.ts'
import { outerHeaders, type SentOuter } from '../walk/outer.ts'
import {
  deliver,
  type HopParts,
  isFree,
  type Kept,
  lose,
  loseKept,
  type Outer,
  type Position,
  type Problem,
  pass,
  type Walk,
} from '../walk/state.ts'
import { keptByTc, type OnLink } from '../walk/traffic-control.ts'
import { type HostView, line } from '../walk/world.ts'
import { keptByIpsec } from '../walk/xfrm.ts'
import { isForBeyond } from './beyond.ts'
import { isOuterKept, outerPassage, outerSources } from './outer-filters.ts'
import { asArriving, asLeft, asSent, expire, isExpired } from './outer-lifetime.ts'
import { evidenceOf } from './route.ts'
import { canSend, enterReceiver, idleRelay, soleOwner } from './underlay.ts'

/** The way of the outer packet. */
interface OuterExit {
  readonly link: Link
  readonly nextHop: number
  readonly source: number
  readonly text: string
  /** The link's MTU, or less where the route says so. */
  readonly mtu: number
  /** Time to live that the route gives. */
  readonly hopLimit?: number
}

/** An outer packet and the way it takes. */
interface OnTheWay {
  readonly outer: Outer
  readonly exit: OuterExit
}

/** Link and next hop by route. */
function way(answer: RouteAnswer, { destination }: Outer): { link: string; nextHop: number } | Problem {
  const to = formatAddress(destination)
  if (answer.kind === 'unknown') return ['not-enough-facts', answer.why]
  if (answer.kind === 'refused') return ['no-route', `a policy rule refuses ${to}: ${answer.action}`]
  if (answer.kind === 'none') return ['no-route', `no route to ${to}`]
  const { type, link, gateway } = answer.route
  if (type === 'local') return ['loop', `${to} is an address of the sender itself`]
  if (type !== 'unicast' || link === undefined) return ['no-route', routeText(answer.route)]
  return { link, nextHop: gateway ?? destination }
}

/** The vxlan link's own underlay link does not bind what goes to an FDB entry (Linux `vxlan_xmit_one`: `remote_ifindex` 0). */
function outerRoute(host: HostView, outer: Outer): RouteAnswer {
  const { source, destination } = outer
  const headers = outerHeaders(outer)
  return hostRoute(host, {
    destination,
    mark: outer.mark ?? 0,
    headers,
    ...present({ source }),
  })
}

function isDown(link: Link | undefined): boolean {
  return link !== undefined && !isUp(link)
}

/** The route's words, and what it and its link take. */
function routeOf(answer: RouteAnswer, link: Link): Pick<OuterExit, 'text' | 'mtu' | 'hopLimit'> {
  if (answer.kind !== 'route') return { text: '', mtu: link.mtu }
  const { mtu = link.mtu, hopLimit } = answer.route
  return { text: routeText(answer.route), mtu: Math.min(mtu, link.mtu), ...present({ hopLimit }) }
}

/** A packet that is bound to a link without a route there is sent as if its destination were on that link (Linux `ip_route_output_key_hash_rcu`). */
function bound(found: ReturnType<typeof way>, { via, destination }: Outer): ReturnType<typeof way> {
  const isThere = via === undefined || ('link' in found && found.link === via)
  return isThere ? found : { link: via, nextHop: destination }
}

function exitOf(host: HostView, outer: Outer): OuterExit | Kept {
  const { source, destination } = outer
  const answer = outerRoute(host, outer)
  const found = bound(way(answer, outer), outer)
  if (!('link' in found)) {
    const isCut = found[0] === 'no-route' && isDown(host.links.get(outer.underlay ?? ''))
    const problem: Problem = isCut ? ['link-down', `${outer.underlay} is set down: ${found[1]}`] : found
    return { problem, used: evidenceOf(host, answer) }
  }
  const link = host.links.get(found.link)
  if (link === undefined)
    return { problem: ['not-enough-facts', `${found.link} is not among the links of ${host.name}`] }
  if (link.name === outer.link)
    return {
      problem: ['loop', `the way to ${formatAddress(destination)} is ${link.name} itself`],
      used: evidenceOf(host, answer),
    }
  const own = source ?? sourceFor(host, link.name, found.nextHop)
  if (own === undefined) return { problem: ['not-enough-facts', `${host.name} has no address to send from`] }
  return { link, nextHop: found.nextHop, source: own, ...routeOf(answer, link) }
}

/** The outer packet behind the host's filters, with its exit: rules may mark it, so that it is routed again, or give it another source. */
function sentOut(walk: Walk, host: HostView, { outer, exit }: OnTheWay): OnTheWay | undefined {
  const parts: HopParts = { stage: 'encap', host: host.name }
  const links = { outLink: exit.link.name }
  const made = { ...outer, source: exit.source }
  const output = outerPassage(walk, host, { hook: 'output', outer: made, links, parts })
  if (output === undefined) return undefined
  const marked = { ...asLeft(made, output), ...present({ isUntracked: output.isUntracked }) }
  if (!isOuterKept(walk, host, { hook: 'output', outer: marked, links, parts })) return undefined
  const again = output.isReroutedBy ? exitOf(host, marked) : exit
  return 'problem' in again
    ? loseKept(walk, again, parts)
    : behindRouting(walk, host, { outer: marked, exit: again })
}

/** Postrouting: filters, then source NAT. */
function behindRouting(
  walk: Walk,
  host: HostView,
  { outer, exit }: OnTheWay & { outer: SentOuter },
): OnTheWay | undefined {
  const { link, nextHop } = exit
  const at = {
    hook: 'postrouting',
    links: { outLink: link.name },
    parts: { stage: 'encap', host: host.name },
  } as const
  const passage = outerPassage(walk, host, { ...at, outer })
  if (passage === undefined) return undefined
  const left = asLeft(outer, passage)
  const sources = outerSources(walk, host, { ...at, outer: left, exit: { outLink: link.name, nextHop } })
  if (sources === undefined) return undefined
  const [source = left.source, otherSource] = sources
  return { outer: { ...left, source, ...present({ otherSource }) }, exit: { ...exit, source } }
}

/** Sends the outer packet to the host that has its destination. */
export function sendOuter(walk: Walk, host: HostView, asked: Outer): Position | undefined {
  const encap: HopParts = { stage: 'encap', host: host.name }
  const first = exitOf(host, asked)
  if ('problem' in first) {
    const isFlannels = first.problem[0] === 'loop' || first.problem[0] === 'not-enough-facts'
    return loseKept(walk, first, { stage: isFlannels ? 'encap' : 'underlay', host: host.name })
  }
  const outer = asSent(host, asked, first)
  const large = oversize(host, outer, first)
  if (large) return lose(walk, large[0], { ...encap, why: large[1] })
  const made = { source: first.source, destination: outer.destination, ...outerHeaders(outer) }
  const kept = keptByIpsec(host, { direction: 'out', link: first.link.name, packet: made })
  const sent = isFree(walk, kept, encap) ? sentOut(walk, host, { outer, exit: first }) : undefined
  if (sent === undefined) return undefined
  const { exit } = sent
  if (isExpired(sent.outer, exit.nextHop)) return expire(walk, host, { outer: sent.outer, exit })
  const packet = { ...made, source: exit.source }
  const used = [line(host, 'routes', exit.text)]
  const to = `${formatAddress(exit.source)} to ${formatAddress(outer.destination)} port ${outer.port}`
  pass(walk, { ...encap, used, why: to })
  if (!canSend(walk, host, { ...exit, stage: 'underlay' })) return undefined
  const { otherSource } = sent.outer
  return crossUnderlay(walk, host, { outer: { ...outer, ...present({ otherSource }) }, exit, packet })
}

/** From the underlay link to the host that has the destination. */
function crossUnderlay(
  walk: Walk,
  host: HostView,
  { outer, exit, packet }: { outer: Outer; exit: OuterExit; packet: OnLink['packet'] },
): Position | undefined {
  const hop: HopParts = { stage: 'underlay', host: host.name, link: exit.link.name }
  const size = Math.min(outer.size, exit.mtu)
  const queued = keptByTc(host, { link: exit.link.name, direction: 'egress', packet, size })
  if (!isFree(walk, queued, hop)) return undefined
  if (isForBeyond(walk, outer.destination)) return deliver(walk, hop)
  const owner = soleOwner(walk, outer.destination)
  const idle = idleRelay(walk, exit.nextHop, owner)
  if (idle !== undefined) {
    const used = [line(host, 'routes', exit.text)]
    return lose(walk, 'no-route', { ...hop, used, why: `${exit.text}: ${idle}` })
  }
  pass(walk, hop)
  if (!('host' in owner)) return lose(walk, owner[0], { stage: 'underlay', host: host.name, why: owner[1] })
  if (!enterReceiver(walk, owner, { size: Math.min(outer.size, exit.link.mtu), packet })) return undefined
  return { at: 'carried', by: owner, outer: asArriving({ ...outer, source: exit.source }, exit.nextHop) }
}
