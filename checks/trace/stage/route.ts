/** Where the route takes a packet, and whether that can lead to its target. */
import type { Evidence } from '../../check.ts'
import { formatAddress } from '../../model/address.ts'
import { isUp } from '../../model/link.ts'
import { REDIRECTED, type Route } from '../../model/route.ts'
import { type RouteAnswer, ruleText } from '../lookup/rules-lookup.ts'
import { routeText } from '../text/route-text.ts'
import type { Drop } from '../trace.ts'
import { attachmentsOf, carrierOf, receiversOf } from '../walk/links.ts'
import { tooBig } from '../walk/mtu.ts'
import { type HopParts, lose, type Position, type Problem, pass, type Walk } from '../walk/state.ts'
import { type HostView, line } from '../walk/world.ts'

/** A way out of a host. */
export interface Exit {
  readonly place: Extract<Position, { at: 'leaving' }>
  readonly route: Route
  readonly used: readonly Evidence[]
}

/** Tables whose rules need no mention. */
const USUAL_TABLES = new Set(['local', 'main', 'default', '255', '254', '253'])

/** The route and the policy rule that an answer comes from. */
export function evidenceOf(host: HostView, answer: RouteAnswer): readonly Evidence[] {
  if (answer.kind === 'none' || answer.kind === 'unknown') return []
  const isUsual = answer.kind === 'route' && USUAL_TABLES.has(answer.rule.table ?? '')
  return [
    ...(isUsual ? [] : [line(host, 'rules', ruleText(answer.rule))]),
    ...(answer.kind === 'route' ? [line(host, 'routes', routeText(answer.route))] : []),
  ]
}

/** The bridge on which the target hangs, where this host is the target's own. */
function homeLink(walk: Walk, host: HostView): string | undefined {
  if (walk.to.host !== host.name || walk.to.container === undefined) return undefined
  if (walk.to.assumedOn !== undefined) return walk.to.assumedOn
  const home = attachmentsOf(host).find(
    ({ container, addresses }) =>
      container.name === walk.to.container &&
      addresses.some(({ prefix }) => prefix?.address === walk.destination),
  )
  return home?.port.master
}

/** A bridge that is down or has no address takes its route away: the packet goes elsewhere. */
function awayFromHome(walk: Walk, host: HostView, to: { home: string; link: string }): [Drop, string] {
  const bridge = host.links.get(to.home)
  const where = `it goes out by ${to.link}, ${walk.to.container} hangs on ${to.home}`
  if (bridge && !isUp(bridge)) return ['link-down', `${to.home} is set down: ${where}`]
  return ['wrong-route', where]
}

/** Why an underlay next hop takes the packet nowhere. */
function nowhere(walk: Walk, host: HostView, { link, nextHop }: Exit['place']): [Drop, string] | undefined {
  const text = formatAddress(nextHop)
  if (nextHop !== walk.destination && host.local.has(nextHop))
    return ['wrong-route', `its gateway ${text} is an address of ${host.name} itself`]
  if (receiversOf(walk, nextHop) !== 'nobody') return undefined
  return ['wrong-route', `it goes to ${text} by ${link}, which is no host of the network`]
}

/** Why the way out cannot be the right one; undefined when it may be. */
function astray(walk: Walk, host: HostView, place: Exit['place']): [Drop, string] | undefined {
  const { link, nextHop } = place
  const home = homeLink(walk, host)
  if (home !== undefined && home !== link) return awayFromHome(walk, host, { home, link })
  const found = host.links.get(link)
  if (found === undefined) return ['not-enough-facts', `link ${link} is not among the links of ${host.name}`]
  const carrier = carrierOf(walk, host, { link: found, nextHop })
  if (carrier === 'underlay') return nowhere(walk, host, place)
  const isHome = walk.to.host === host.name && walk.to.container !== undefined
  return isHome && (carrier === 'vxlan' || carrier === 'udp')
    ? ['wrong-route', `it goes back into the overlay by ${link}: ${walk.to.container} is on ${host.name}`]
    : undefined
}

/** Why an answer leads nowhere; undefined where it is a way out. */
export function refusal(answer: Exclude<RouteAnswer, { kind: 'route' }>): [Drop, string]
export function refusal(answer: RouteAnswer): [Drop, string] | undefined
export function refusal(answer: RouteAnswer): [Drop, string] | undefined {
  if (answer.kind === 'unknown') return ['not-enough-facts', answer.why]
  if (answer.kind === 'none') return ['no-route', 'no route leads there']
  if (answer.kind === 'refused')
    return ['no-route', `${answer.action} by policy rule ${ruleText(answer.rule)}`]
  const { type, link } = answer.route
  return type === 'unicast' && link !== undefined ? undefined : ['no-route', routeText(answer.route)]
}

/** Where the walk is when the route is looked up. */
type RouteStage = 'forward' | 'forward-in' | 'source'

function loseWay(
  walk: Walk,
  parts: Omit<HopParts, 'stage'>,
  { stage, drop }: { stage: RouteStage; drop: Drop },
): undefined {
  if (stage === 'forward') pass(walk, { stage, host: parts.host })
  return lose(walk, drop, { ...parts, stage: stage === 'forward-in' ? stage : 'route' })
}

/** A route may take less than its link (`mtu`, Linux `net/ipv4/ip_forward.c`, `ip_dst_mtu_maybe_forward`). */
export function overRoute(walk: Walk, { mtu }: Route): Problem | undefined {
  return mtu === undefined ? undefined : tooBig(walk, { name: 'its route', mtu })
}

/** The way out by the answer of the route lookup. Where there is none, the walk ends at the stage of the route. */
export function exitOf(
  walk: Walk,
  host: HostView,
  { answer, stage }: { readonly answer: RouteAnswer; readonly stage: RouteStage },
): Exit | undefined {
  const used = evidenceOf(host, answer)
  const refused = refusal(answer)
  if (refused !== undefined || answer.kind !== 'route') {
    const [drop, why] = refused ?? ['no-route', '']
    return loseWay(walk, { host: host.name, used, why }, { stage, drop })
  }
  const { route } = answer
  const nextHop = route.gateway ?? walk.destination
  const place = { at: 'leaving', host: host.name, link: route.link ?? '', nextHop } as const
  const problem = astray(walk, host, place) ?? overRoute(walk, route)
  if (problem === undefined) return { place, route, used }
  const [drop, why] = problem
  const told = route.table === REDIRECTED ? `, as an ICMP redirect told ${host.name}` : ''
  return loseWay(walk, { host: host.name, used, why: `${why}${told}` }, { stage, drop })
}

/** The hop of a route that was taken. */
export function routeHop(host: HostView, { used }: Exit): HopParts {
  return { stage: 'route', host: host.name, used }
}
