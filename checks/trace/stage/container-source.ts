/** A container sends: its address, gateway and link, then its port on the host and the bridge. */
import { knownValue } from '../../expected/observed-host.ts'
import { containsAddress, formatAddress, parseAddress } from '../../model/address.ts'
import type { Container } from '../../model/container-bridge.ts'
import { isUp, type Link } from '../../model/link.ts'
import { present } from '../../model/present.ts'
import { isPastBridgeFilter, isThroughPort } from '../walk/bridge-filters.ts'
import { keptFromBridge, keptFromHost } from '../walk/bridge-port.ts'
import { fitsPort, tooBig } from '../walk/mtu.ts'
import {
  type HopParts,
  isFree,
  type Kept,
  lose,
  loseKept,
  type Position,
  type Problem,
  pass,
  type Walk,
} from '../walk/state.ts'
import { absence, type HostView, line } from '../walk/world.ts'
import { type Asking, answerer, isWellAddressed, portOf } from './bridge-answer.ts'
import { reachPort } from './bridge-in.ts'
import { sentTo } from './inside.ts'

/** The sending container, where it could be read. */
function readContainer(walk: Walk, host: HostView): Container | Problem {
  const absent = absence(host, 'containers')
  if (absent !== undefined) return ['not-enough-facts', absent]
  const container = knownValue(host.facts.containers)?.find(({ name }) => name === walk.from.container)
  if (container === undefined)
    return ['not-enough-facts', `${walk.from.container} is not among the containers of ${host.name}`]
  if (container.problem === undefined) return container
  return ['not-enough-facts', `${container.name} could not be read: ${container.problem}`]
}

/** Where it was not looked into, its default gateway decides. */
function byGateway(walk: Walk, container: Container): Asking | Problem {
  const { name, addresses, links, gateway } = container
  const own = addresses.find(({ prefix }) => prefix?.address === walk.source)
  const link = links.find((one) => one.name === own?.link)
  if (link === undefined) return ['not-enough-facts', `${name} does not have ${formatAddress(walk.source)}`]
  const isNear = addresses.some(({ prefix }) => prefix && containsAddress(prefix, walk.destination))
  const nextHop = isNear ? walk.destination : parseAddress(gateway ?? '')
  return nextHop === undefined ? ['no-route', `${name} has no default route`] : { container, link, nextHop }
}

/** The sender with its way out; undefined where the packet does not leave it. */
function readSender(walk: Walk, host: HostView): Asking | Problem | undefined {
  const container = readContainer(walk, host)
  if (isProblem(container)) return container
  const to = sentTo(walk, host, container)
  if (to === 'unread') return byGateway(walk, container)
  return to && { container, ...to }
}

function isProblem(value: unknown): value is Problem {
  return Array.isArray(value)
}

/** What keeps the packet inside the container; undefined when it comes out. */
function keptInside(walk: Walk, { container, link }: Asking): Problem | undefined {
  if (!link.flags.includes('UP')) return ['link-down', `${link.name} of ${container.name} is set down`]
  const large = tooBig(walk, { name: `${link.name} of ${container.name}`, mtu: link.mtu })
  if (large) return large
  if (link.peerIndex === undefined)
    return ['not-enough-facts', `the host's end of ${link.name} of ${container.name} is not known`]
  return undefined
}

/** What keeps the packet out of the host; undefined when port and bridge take it. */
function keptOut(
  host: HostView,
  { port, mac, size }: { port: Link | undefined; mac: string | undefined; size: number },
): Kept | undefined {
  const kept = (...problem: Problem): Kept => ({ problem })
  if (port === undefined) return kept('link-down', `the other end of its link is not on ${host.name}`)
  if (!isUp(port)) return kept('link-down', `${port.name} is set down`)
  const bridge = port.master === undefined ? undefined : host.links.get(port.master)
  if (port.master !== undefined && bridge === undefined)
    return kept('not-enough-facts', `${port.master} is not among the links of ${host.name}`)
  if (bridge && !isUp(bridge)) return kept('link-down', `bridge ${bridge.name} is set down`)
  if (!fitsPort(port, size)) return kept('too-big', `${size} bytes do not fit ${port.name}, MTU ${port.mtu}`)
  return keptFromBridge(host, port, mac)
}

function describe({ container, link, nextHop }: Asking, host: HostView): HopParts {
  const via = container.gateway === undefined ? 'no default route' : `default via ${container.gateway}`
  const excerpt = `${container.name}: ${link.name} mtu ${link.mtu}, ${via}`
  const used = [line(host, 'containers', excerpt)]
  return {
    stage: 'source',
    host: host.name,
    container: container.name,
    used,
    why: `to ${formatAddress(nextHop)}`,
  }
}

/** What comes out of the container is taken by its port. */
function throughPort(walk: Walk, host: HostView, sender: Asking): Link | undefined {
  const hop = describe(sender, host)
  const port = portOf(host, sender.link)
  const outside = keptOut(host, { port, mac: sender.link.mac, size: walk.size })
  if (outside !== undefined || port === undefined) {
    pass(walk, hop)
    const link = port === undefined ? {} : { link: port.name }
    return loseKept(walk, outside ?? { problem: ['link-down', ''] }, {
      stage: 'bridge',
      host: host.name,
      ...link,
    })
  }
  pass(walk, { ...hop, link: sender.link.name })
  pass(walk, { stage: 'bridge', host: host.name, link: port.name })
  if (port.master !== undefined) pass(walk, { stage: 'bridge', host: host.name, link: port.master })
  return port
}

/** A container that is assumed has the bridge as its gateway. */
function sendFromBridge(walk: Walk, host: HostView, name: string): Position | undefined {
  const bridge = host.links.get(name)
  const hop: HopParts = { stage: 'bridge', host: host.name, link: name }
  if (bridge === undefined) return lose(walk, 'not-enough-facts', { ...hop, why: `${name} is not known` })
  if (!isUp(bridge)) return lose(walk, 'link-down', { ...hop, why: `bridge ${name} is set down` })
  pass(walk, hop)
  return { at: 'arrived', host: host.name, link: name }
}

/** Who is no neighbour is asked for as one because of the route. */
function loseInside(
  walk: Walk,
  host: HostView,
  { sender, problem: [drop, why] }: { readonly sender: Asking; readonly problem: Problem },
): undefined {
  const hop = describe(sender, host)
  const used = [...(drop === 'no-neighbour' ? (sender.used ?? []) : []), ...(hop.used ?? [])]
  return lose(walk, drop, { ...hop, used, link: sender.link.name, why })
}

/** Sends from a container, up to the link of the host that its IP layer sees. */
export function sendFromContainer(walk: Walk, host: HostView): Position | undefined {
  walk.mark = 0
  if (walk.from.assumedOn !== undefined) return sendFromBridge(walk, host, walk.from.assumedOn)
  const sender = readSender(walk, host)
  if (sender === undefined) return undefined
  walk.mark = 0
  const bare: HopParts = { stage: 'source', host: host.name, container: walk.from.container ?? '' }
  if (isProblem(sender)) return lose(walk, sender[0], { ...bare, why: sender[1] })
  const inside = keptInside(walk, sender)
  const next = inside ?? answerer(walk, host, sender)
  if (isProblem(next)) return loseInside(walk, host, { sender, problem: next })
  if (!isWellAddressed(walk, host, { asking: sender, who: next })) return undefined
  const port = throughPort(walk, host, sender)
  return port && fromPort(walk, host, { port, next, nextHop: sender.nextHop })
}

/** From its port to the host, or by the bridge to another container. */
function fromPort(
  walk: Walk,
  host: HostView,
  to: { readonly port: Link; readonly next: 'host' | 'container'; readonly nextHop: number },
): Position | undefined {
  const { name: port, master: bridge } = to.port
  const isForHost = to.next === 'host'
  const at = { port, ...present({ bridge }), isForHost }
  if (!isThroughPort(walk, host, at)) return undefined
  const link = bridge ?? port
  const own = isForHost ? host.links.get(bridge ?? '') : undefined
  if (own && !isFree(walk, keptFromHost(host, own), { stage: 'bridge', host: host.name, link }))
    return undefined
  if (isForHost) return { at: 'arrived', host: host.name, link }
  return isPastBridgeFilter(walk, host, { bridge: link, inPort: port })
    ? reachPort(walk, host, { link, nextHop: to.nextHop, from: port })
    : undefined
}
