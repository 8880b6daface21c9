/** Links by which nothing comes to a neighbour: without a carrier, or of another network. */
import { attachments } from '../../expected/bridge-port.ts'
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

/** True for a bridge that nothing hangs on but containers that were looked into, none of which has the address. */
function isDeadEnd({ links, facts }: HostView, { link, nextHop }: Leaving): boolean {
  if (link.kind !== 'bridge') return false
  const ports = [...links.values()].filter(({ master }) => master === link.name)
  const inside = facts.containers.known ? attachments([...links.values()], facts.containers.value) : []
  return ports.every(({ index }) => {
    const found = inside.filter(({ port }) => port.index === index)
    return (
      found.length > 0 &&
      found.every(({ addresses }) => !addresses.some(({ prefix }) => prefix?.address === nextHop))
    )
  })
}

/** Its network is on another link, and this one has no part in it. A bridge and its ports are one. */
function strayLink(host: HostView, leaving: Leaving): Kept | undefined {
  const { link, nextHop } = leaving
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
  return { problem: [isDeadEnd(host, leaving) ? 'wrong-route' : 'not-enough-facts', why], used }
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
