/** A packet for an address of the host: up to the host itself, which is its target or has taken it from a container. */
import { formatAddress } from '../../model/address.ts'
import type { Route } from '../../model/route.ts'
import type { FoundRoute } from '../lookup/rules-lookup.ts'
import { headersOf, isLetThrough } from '../walk/filters.ts'
import { deliver, isAway, isFree, lose, type Walk } from '../walk/state.ts'
import { undoRedirection } from '../walk/translation.ts'
import type { HostView } from '../walk/world.ts'
import { keptByIpsec } from '../walk/xfrm.ts'
import { evidenceOf } from './route.ts'

/** The link on which kube-proxy puts the addresses of services in its mode ipvs (`pkg/proxy/ipvs/proxier.go`, DefaultDummyDevice). */
export const IPVS_LINK = 'kube-ipvs0'

/** Whose the destination is by the host's table local. */
function heldText({ destination }: Walk, { name }: HostView, { type, link }: Route): string {
  const text = formatAddress(destination)
  return type === 'broadcast'
    ? `${text} is the broadcast address of ${link} of ${name}`
    : `${text} is an address of ${name} itself`
}

/** Ends the walk: delivered to the host, filtered at input, or captured from a container. */
export function deliverLocally(
  walk: Walk,
  host: HostView,
  { inLink, answer }: { readonly inLink: string; readonly answer: FoundRoute },
): undefined {
  const { route } = answer
  const used = evidenceOf(host, answer)
  const isTarget = walk.to.host === host.name && walk.to.container === undefined
  const arrived = isAway(walk, host.name)
  if (!isTarget) {
    if (route.link === IPVS_LINK && walk.packet.service !== undefined) {
      const why = `IPVS of ${host.name} takes it, whose choice is not followed`
      return lose(walk, 'not-enough-facts', { stage: 'forward', host: host.name, used, why })
    }
    const why = `${heldText(walk, host, route)}: the host takes the packet`
    return lose(walk, 'captured', { stage: arrived ? 'forward-in' : 'route', host: host.name, used, why })
  }
  const stage = arrived ? 'forward-in' : 'forward'
  const at = { hook: 'input', inLink } as const
  if (!isLetThrough(walk, host, { at, parts: { stage, host: host.name } })) return undefined
  undoRedirection(walk, host)
  const kept = keptByIpsec(host, { direction: 'in', link: inLink, packet: headersOf(walk) })
  if (!isFree(walk, kept, { stage, host: host.name })) return undefined
  const why = `TTL ${walk.ttl} from ${formatAddress(walk.source)}`
  const link = inLink === 'lo' ? {} : { link: inLink }
  return deliver(walk, { stage: 'target', host: host.name, ...link, used, why })
}
