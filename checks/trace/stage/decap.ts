/** The receiver takes the packet out: outer filters, socket, link, VNI and inner MAC. */

import { knownValue } from '../../expected/observed-host.ts'
import { formatAddress } from '../../model/address.ts'
import { isUp, type Link } from '../../model/link.ts'
import type { Mark } from '../filter/packet.ts'
import { hostRoute } from '../lookup/host-route.ts'
import { outlives } from '../walk/lifetime.ts'
import { isTun } from '../walk/links.ts'
import { outerHeaders, sourcesOf } from '../walk/outer.ts'
import {
  type HopParts,
  isFree,
  lose,
  type Outer,
  type Position,
  type Problem,
  pass,
  type Walk,
} from '../walk/state.ts'
import { absence, type HostView, line, type Owner } from '../walk/world.ts'
import { keptByIpsec } from '../walk/xfrm.ts'
import { isOuterKept, outerPassage } from './outer-filters.ts'
import { keptFromOwn } from './own-address.ts'
import { refusedSource } from './reverse-path.ts'
import { isStopped } from './udp.ts'

/** An outer packet at the host that has its destination. */
export interface Carried {
  readonly by: Owner
  readonly outer: Outer
}

/** Behind NAT the packet arrives with the host's own address as destination. */
function destinationOf(host: HostView, { by, outer }: Carried): number {
  if (host.local.has(outer.destination)) return outer.destination
  const own = host.addresses.find(({ link, prefix }) => link === by.link && prefix !== undefined)
  return own?.prefix?.address ?? outer.destination
}

/** Source check and filters on the way to the socket; says whether the packet gets there. */
function reachesSocket(walk: Walk, host: HostView, carried: Carried & { readonly source: number }): boolean {
  const { by, outer, source } = carried
  const destination = destinationOf(host, carried)
  const parts: HopParts = { stage: 'decap', host: host.name }
  const arriving = { destination, link: by.link, headers: outerHeaders(outer) }
  const refusals = sourcesOf({ ...outer, source }).map((one) =>
    refusedSource(host, { ...arriving, source: one }),
  )
  const refused = refusals.find((one) => one !== undefined)
  if (refused) {
    const { drop, used, why } = refused
    lose(walk, refusals.includes(undefined) ? 'not-enough-facts' : drop, { ...parts, used, why })
    return false
  }
  const links = { inLink: by.link }
  let packet = { ...outer, source, destination, mark: 0 as Mark }
  walk.mark = 0
  for (const hook of ['prerouting', 'input'] as const) {
    const at = { hook, links, parts }
    const passage = outerPassage(walk, host, { ...at, outer: packet })
    if (passage === undefined) return false
    const { isUntracked = false, mark } = passage
    packet = { ...packet, mark }
    walk.mark = mark
    if (hook === 'prerouting' && !isOuterKept(walk, host, { ...at, outer: { ...packet, isUntracked } }))
      return false
  }
  const headers = { source, destination, ...outerHeaders(outer) }
  const flow = { source, destination, inLink: by.link, mark: walk.mark, headers }
  if (
    host.local.has(destination) &&
    !isFree(walk, keptFromOwn(host, destination, hostRoute(host, flow)), parts)
  )
    return false
  return isFree(walk, keptByIpsec(host, { direction: 'in', link: by.link, packet: headers }), parts)
}

/** True when a socket of the host takes the address and port; the table must be known. */
function isBound({ facts }: HostView, address: number, port: number): boolean {
  return (knownValue(facts.sockets) ?? []).some(
    (socket) => socket.port === port && ['0.0.0.0', '::', formatAddress(address)].includes(socket.address),
  )
}

function vxlanLink(host: HostView, { port, vxlan }: Outer): Link | Problem {
  const listening = [...host.links.values()].filter((link) => link.vxlan?.port === port && isUp(link))
  if (listening.length === 0 || (host.facts.sockets.known && !isBound(host, 0, port)))
    return ['not-listening', `no vxlan link of ${host.name} that is up has port ${port}`]
  const link = listening.find((one) => one.vxlan?.vni === vxlan?.vni)
  if (link) return link
  const own = listening.map((one) => `${one.name} ${one.vxlan?.vni}`).join(', ')
  return ['vni-mismatch', `the packet has VNI ${vxlan?.vni}, ${host.name} has ${own}`]
}

/** The inner frame must be for the link's MAC, and must not come from it. */
function misaddressed(link: Link, { vxlan }: Outer): string | undefined {
  if (vxlan === undefined || link.mac === undefined) return undefined
  if (vxlan.sourceMac === link.mac) return `sender and receiver have the same MAC ${link.mac}`
  if (vxlan.mac === link.mac) return undefined
  return `the inner frame is for ${vxlan.mac}, ${link.name} has ${link.mac}`
}

function takeOutVxlan(walk: Walk, host: HostView, outer: Outer): Position | undefined {
  const hop: HopParts = { stage: 'decap', host: host.name }
  const link = vxlanLink(host, outer)
  if (!('name' in link)) return lose(walk, link[0], { ...hop, why: link[1] })
  const excerpt =
    `${link.name} vxlan id ${link.vxlan?.vni} dstport ${link.vxlan?.port} ${link.mac ?? ''}`.trim()
  const used = [line(host, 'links', excerpt)]
  const why = misaddressed(link, outer)
  if (why !== undefined) return lose(walk, 'wrong-vtep', { ...hop, link: link.name, used, why })
  pass(walk, { ...hop, link: link.name, used })
  return { at: 'arrived', host: host.name, link: link.name }
}

function udpLink(host: HostView, { port }: Outer, destination: number): Link | Problem {
  const absent = absence(host, 'sockets')
  if (absent !== undefined) return ['not-enough-facts', absent]
  if (!isBound(host, destination, port))
    return ['not-listening', `no socket of ${host.name} takes ${formatAddress(destination)} port ${port}`]
  if (knownValue(host.facts.flanneld)?.processes.length === 0)
    return ['not-listening', `the socket of port ${port} on ${host.name} is not flanneld's: none runs`]
  if (isStopped(host))
    return ['not-listening', `a signal has stopped the flanneld that takes port ${port} on ${host.name}`]
  const link = [...host.links.values()].find(isTun)
  if (link === undefined) return ['not-listening', `${host.name} has no flannel link`]
  return isUp(link) ? link : ['link-down', `${link.name} is set down`]
}

function takeOutUdp(walk: Walk, host: HostView, carried: Carried): Position | undefined {
  const hop: HopParts = { stage: 'decap', host: host.name }
  const link = udpLink(host, carried.outer, destinationOf(host, carried))
  if (!('name' in link)) return lose(walk, link[0], { ...hop, why: link[1] })
  if (!outlives(walk, hop)) return undefined
  walk.mark = 0
  pass(walk, { ...hop, link: link.name })
  return { at: 'arrived', host: host.name, link: link.name }
}

/** Takes the packet out of its outer one; undefined when it is lost here. */
export function takeOut(walk: Walk, host: HostView, carried: Carried): Position | undefined {
  const source = carried.outer.source ?? 0
  if (!reachesSocket(walk, host, { ...carried, source })) return undefined
  return carried.outer.kind === 'vxlan'
    ? takeOutVxlan(walk, host, carried.outer)
    : takeOutUdp(walk, host, carried)
}
