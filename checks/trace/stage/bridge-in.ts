/** From the bridge, or from a port that is no bridge's, into the container that has the address. */
import type { Attachment } from '../../expected/bridge-port.ts'
import { knownValue } from '../../expected/observed-host.ts'
import { formatAddress } from '../../model/address.ts'
import { isUp, type Link } from '../../model/link.ts'
import type { Neighbour } from '../../model/neighbour.ts'
import { present } from '../../model/present.ts'
import { sourceFor } from '../lookup/source-address.ts'
import { arpProblem, unansweredArp, unheardArp } from '../walk/arp.ts'
import { isOutOfPort } from '../walk/bridge-filters.ts'
import { badPort, keptInBridge } from '../walk/bridge-port.ts'
import { containerView } from '../walk/container-view.ts'
import { attachmentsOf } from '../walk/links.ts'
import { tooBig } from '../walk/mtu.ts'
import { hasFailed, neighbourOf, neighbourText } from '../walk/neighbours.ts'
import {
  deliver,
  type HopParts,
  type Kept,
  lose,
  loseKept,
  type Problem,
  pass,
  type Walk,
} from '../walk/state.ts'
import { xdpProblem } from '../walk/traffic-control.ts'
import { absence, type HostView, line } from '../walk/world.ts'
import { isTakenIn } from './inside.ts'

/** Where a packet is handed to: a bridge or a container's own port. */
export interface Handover {
  readonly link: string
  readonly nextHop: number
  /** The port it came in by, where it comes from another container. */
  readonly from?: string
}

function isOn(link: string, { port }: Attachment): boolean {
  return port.master === link || (port.master === undefined && port.name === link)
}

/** Containers of the host with the address, in the order they were found. */
function attached(host: HostView, address: number): readonly Attachment[] {
  return attachmentsOf(host).filter(({ addresses }) =>
    addresses.some(({ prefix }) => prefix?.address === address),
  )
}

/** Containers of one namespace (`--network=container:NAME`) share the port: one of them stands for all, the one meant if it is there. */
function answering(walk: Walk, host: HostView, { link, nextHop }: Handover): readonly Attachment[] {
  const ports = Map.groupBy(
    attached(host, nextHop).filter((one) => isOn(link, one)),
    ({ port }) => port.name,
  )
  const isMeant = ({ container }: Attachment) =>
    host.name === walk.to.host && container.name === walk.to.container
  return [...ports.values()].flatMap((sharing) => sharing.find(isMeant) ?? sharing[0] ?? [])
}

/** Why nobody behind the link is known to have the address. */
function unanswered(host: HostView, { link, nextHop }: Handover): Problem {
  const absent = absence(host, 'containers')
  if (absent !== undefined) return ['not-enough-facts', absent]
  const hidden = knownValue(host.facts.containers)?.find(({ problem }) => problem !== undefined)
  if (hidden)
    return ['not-enough-facts', `${hidden.name} of ${host.name} could not be read: ${hidden.problem}`]
  const text = formatAddress(nextHop)
  const elsewhere = attached(host, nextHop).find(({ port }) => port.master !== link)
  if (elsewhere === undefined) return ['no-neighbour', `no container on ${link} of ${host.name} has ${text}`]
  const { port, container } = elsewhere
  return ['no-neighbour', `${port.name} of ${container.name}, which has ${text}, is no port of ${link}`]
}

/** Of several containers with one address the one whose MAC the host holds. */
function chosen(candidates: readonly Attachment[], entry: Neighbour | undefined): Attachment | Problem {
  const [first, second] = candidates
  if (first !== undefined && second === undefined) return first
  const byMac = candidates.find(({ link }) => entry?.mac !== undefined && link.mac === entry.mac)
  if (byMac) return byMac
  const names = candidates.map(({ container }) => container.name).join(' and ')
  return ['not-enough-facts', `${names} have the same address: either may answer`]
}

/** Who has the next hop's address on a link, and what the host holds of it. */
interface Resolving extends Handover {
  readonly entry: Neighbour | undefined
  readonly found: Attachment
}

/** Why nobody answers the host; undefined where the container does, or was not looked into. */
function noAnswer(walk: Walk, host: HostView, { link, nextHop, found, entry }: Resolving): Kept | undefined {
  const view = containerView(host, found.container)
  const by = sourceFor(host, link, nextHop) ?? 0
  const asked = { address: nextHop, by, inVain: entry !== undefined, isFirst: walk.direction === 'request' }
  const unheard = unheardArp(host, {
    ...asked,
    link,
    ...present({ port: found.port.master && found.port.name }),
  })
  const silent = unheard ?? (view && unansweredArp(view, { ...asked, link: found.link.name }))
  return silent && { problem: arpProblem(silent), ...silent }
}

/** A question that had no answer is asked again with the next packet: what is there now decides, as far as it is known. */
function afterFailure(walk: Walk, host: HostView, resolving: Resolving): Kept {
  const { entry, found, from } = resolving
  const text = `${entry?.address} did not answer on ${entry?.link}`
  if (found.container.network === undefined) return { problem: ['no-neighbour', text] }
  const now = keptOff(walk, host, { found, from }) ?? noAnswer(walk, host, resolving)
  return (
    now ?? {
      problem: xdpProblem(host, found.port.name) ?? ['not-enough-facts', `${text} when it was last asked`],
    }
  )
}

/** Why the host cannot send to the container's MAC. What was learned of it before is used as long as it is there. */
function notResolved(walk: Walk, host: HostView, resolving: Resolving): Kept | undefined {
  const { link, entry, found } = resolving
  if (host.links.get(link)?.flags.includes('NOARP') && !entry?.states.includes('PERMANENT'))
    return {
      problem: ['no-neighbour', `ARP is switched off on ${link}`],
      used: [line(host, 'links', `${link} NOARP`)],
    }
  if (entry === undefined) return noAnswer(walk, host, resolving)
  if (hasFailed(entry)) return afterFailure(walk, host, resolving)
  const { mac } = found.link
  if (entry.mac === undefined || mac === undefined || entry.mac === mac) return undefined
  const why = `${found.container.name} has MAC ${mac}, the host sends to ${entry.mac}`
  return { problem: ['wrong-neighbour', why] }
}

/** What keeps the packet off the container's link: the link, its port, the bridge. */
function keptOff(
  walk: Walk,
  host: HostView,
  { found, from }: { readonly found: Attachment; readonly from: string | undefined },
): Kept | undefined {
  const { port, link } = found
  const problem = badPort(found, walk.size)
  if (problem !== undefined) return { problem, link: port.name }
  const inPort = from === undefined ? undefined : host.links.get(from)
  const kept = keptInBridge(host, { port, mac: link.mac, from: inPort })
  return kept && { ...kept, link: port.name }
}

function badBridge(walk: Walk, bridge: Link | undefined, link: string): Problem | undefined {
  if (bridge === undefined) return ['not-enough-facts', `${link} is not among the links of the host`]
  if (!isUp(bridge)) return ['link-down', `${link} is set down`]
  return tooBig(walk, bridge)
}

function arriveInside(walk: Walk, host: HostView, { container, link }: Attachment): undefined {
  const parts: HopParts = { stage: 'target', host: host.name, container: container.name, link: link.name }
  if (container.name !== walk.to.container || host.name !== walk.to.host) {
    const why = `${container.name} has the address ${formatAddress(walk.destination)} too and takes the packet`
    return lose(walk, 'captured', { ...parts, why })
  }
  if (!isTakenIn(walk, host, { container, link })) return undefined
  const used = [
    line(host, 'containers', `${container.name}: ${formatAddress(walk.destination)} dev ${link.name}`),
  ]
  return deliver(walk, { ...parts, used, why: `TTL ${walk.ttl} from ${formatAddress(walk.source)}` })
}

/** A container that is assumed has no port to judge. */
function isAssumedHere({ to, destination }: Walk, host: HostView, { link, nextHop }: Handover): boolean {
  return to.assumedOn === link && to.host === host.name && nextHop === destination
}

function isSentBy(
  walk: Walk,
  host: HostView,
  { port, from }: { port: Link; from: string | undefined },
): boolean {
  const { name, master } = port
  const bridge = master === undefined ? {} : { bridge: master }
  return isOutOfPort(walk, host, { port: name, ...bridge, ...present({ from }) })
}

/** Hands the packet to the container that has the next hop's address. Always ends the walk. */
export function reachPort(walk: Walk, host: HostView, to: Handover): undefined {
  const hop: HopParts = { stage: 'bridge-in', host: host.name, link: to.link }
  const bridge = badBridge(walk, host.links.get(to.link), to.link)
  if (bridge) return lose(walk, bridge[0], { ...hop, why: bridge[1] })
  if (isAssumedHere(walk, host, to)) return deliver(walk, { ...hop, why: `TTL ${walk.ttl} to the bridge` })
  const entry = neighbourOf(host, to.link, to.nextHop)
  const used = entry === undefined ? [] : [line(host, 'neighbours', neighbourText(entry))]
  const candidates = answering(walk, host, to)
  const found = candidates.length === 0 ? unanswered(host, to) : chosen(candidates, entry)
  if (!('port' in found)) return lose(walk, found[0], { ...hop, used, why: found[1] })
  const unresolved = notResolved(walk, host, { ...to, entry, found })
  if (unresolved) return loseKept(walk, { used, ...unresolved }, hop)
  pass(walk, { ...hop, used })
  const kept = keptOff(walk, host, { found, from: to.from })
  if (kept) return loseKept(walk, kept, hop)
  if (!isSentBy(walk, host, { port: found.port, from: to.from })) return undefined
  if (found.port.name !== to.link) pass(walk, { stage: 'bridge-in', host: host.name, link: found.port.name })
  return arriveInside(walk, host, found)
}
