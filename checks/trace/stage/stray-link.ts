/** Links by which nothing comes to a neighbour: without a carrier, or of another network. */
import { containsAddress, formatAddress, maskPrefix } from '../../model/address.ts'
import { isUp, type Link } from '../../model/link.ts'
import { hostRoute } from '../lookup/host-route.ts'
import { routeText } from '../text/route-text.ts'
import type { Kept, Problem } from '../walk/state.ts'
import { type HostView, line } from '../walk/world.ts'

/** A packet that leaves by a link. */
interface Leaving {
  readonly link: Link
  readonly nextHop: number
}

/** Links that have an address of a network which the next hop belongs to. */
function linksTo({ addresses }: HostView, nextHop: number): readonly string[] {
  return addresses.flatMap(({ link, prefix }) =>
    prefix !== undefined && prefix.length < 32 && containsAddress(maskPrefix(prefix), nextHop) ? [link] : [],
  )
}

function isEmptyBridge({ links }: HostView, { name, kind }: Link): boolean {
  return kind === 'bridge' && ![...links.values()].some(({ master }) => master === name)
}

/** Its network is on another link, and this one has no part in it. A bridge and its ports are one. */
function strayLink(host: HostView, { link, nextHop }: Leaving): Kept | undefined {
  const near = linksTo(host, nextHop).flatMap((name) => host.links.get(name) ?? [])
  const isOne = ({ name, master }: Link): boolean =>
    name === link.name || master === link.name || name === link.master
  const [other] = near
  if (other === undefined || near.some(isOne) || !isUp(other)) return undefined
  const answer = hostRoute(host, { destination: nextHop, mark: 0, headers: 'none' })
  const route = answer.kind === 'route' && answer.route.link === link.name ? answer.route : undefined
  const used = route === undefined ? [] : [line(host, 'routes', routeText(route))]
  const why = `${formatAddress(nextHop)} is sent for by ${link.name}, its network is on ${other.name}`
  // A cable between the two may be there.
  return { problem: [isEmptyBridge(host, link) ? 'wrong-route' : 'not-enough-facts', why], used }
}

/** Why a link carries nothing: set down, or without a carrier, when the kernel drops what is sent by it (Linux `net/sched/sch_generic.c`, `dev_deactivate`). */
export function deadLink(link: Link): Problem | undefined {
  const { name, flags, isHeldDown } = link
  if (!isUp(link)) return ['link-down', `${name} is set down`]
  if (!flags.includes('NO-CARRIER')) return undefined
  return [
    'link-down',
    `${name} has no carrier${isHeldDown ? ': a program holds it down (protodown on)' : ''}`,
  ]
}

/** Why nobody gets what leaves by a link to a next hop; undefined where somebody may. */
export function deadOrStray(host: HostView, to: Leaving): Kept | undefined {
  const problem = deadLink(to.link)
  return problem === undefined ? strayLink(host, to) : { problem }
}
