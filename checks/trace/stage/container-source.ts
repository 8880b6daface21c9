/** A container sends: its address, gateway and link, then its port on the host and the bridge. */
import { knownValue } from '../../expected/observed-host.ts'
import { containsAddress, formatAddress, parseAddress } from '../../model/address.ts'
import type { Container, ContainerLink } from '../../model/container-bridge.ts'
import { isUp, type Link } from '../../model/link.ts'
import { isPastBridgeFilter, isThroughPort } from '../walk/bridge-filters.ts'
import { fitsPort, tooBig } from '../walk/mtu.ts'
import { type HopParts, lose, type Place, type Problem, pass, type Walk } from '../walk/state.ts'
import { absence, type HostView, line } from '../walk/world.ts'
import { reachPort } from './bridge-in.ts'

/** The sender as far as it could be read. */
interface Sender {
  readonly container: Container
  readonly link: ContainerLink
  /** Address that its packet must find on the bridge: the gateway's, or that of a neighbour. */
  readonly nextHop: number
}

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

function readSender(walk: Walk, host: HostView): Sender | Problem {
  const container = readContainer(walk, host)
  if (isProblem(container)) return container
  const { name, addresses, links, gateway } = container
  const own = addresses.find(({ prefix }) => prefix?.address === walk.source)
  const link = links.find((one) => one.name === own?.link)
  if (link === undefined) return ['not-enough-facts', `${name} does not have ${formatAddress(walk.source)}`]
  const isNear = addresses.some(({ prefix }) => prefix && containsAddress(prefix, walk.destination))
  const nextHop = isNear ? walk.destination : parseAddress(gateway ?? '')
  return nextHop === undefined ? ['no-route', `${name} has no default route`] : { container, link, nextHop }
}

function isProblem(value: unknown): value is Problem {
  return Array.isArray(value)
}

/** What keeps the packet inside the container; undefined when it comes out. */
function keptInside(walk: Walk, { container, link }: Sender): Problem | undefined {
  if (!link.flags.includes('UP')) return ['link-down', `${link.name} of ${container.name} is set down`]
  const large = tooBig(walk, { name: `${link.name} of ${container.name}`, mtu: link.mtu })
  if (large) return large
  if (link.peerIndex === undefined)
    return ['not-enough-facts', `the host's end of ${link.name} of ${container.name} is not known`]
  return undefined
}

/** What keeps the packet out of the host; undefined when port and bridge take it. */
function keptOut(host: HostView, port: Link | undefined, size: number): Problem | undefined {
  if (port === undefined) return ['link-down', `the other end of its link is not on ${host.name}`]
  if (!isUp(port)) return ['link-down', `${port.name} is set down`]
  const bridge = port.master === undefined ? undefined : host.links.get(port.master)
  if (port.master !== undefined && bridge === undefined)
    return ['not-enough-facts', `${port.master} is not among the links of ${host.name}`]
  if (bridge && !isUp(bridge)) return ['link-down', `bridge ${bridge.name} is set down`]
  return fitsPort(port, size)
    ? undefined
    : ['too-big', `${size} bytes do not fit ${port.name}, MTU ${port.mtu}`]
}

function describe({ container, link, nextHop }: Sender, host: HostView): HopParts {
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

/** Who answers on the bridge for the next hop: the host, a container, or nobody. */
function answerer(
  walk: Walk,
  host: HostView,
  { nextHop, container }: Sender,
): 'host' | 'container' | Problem {
  if (host.local.has(nextHop)) return 'host'
  const others = knownValue(host.facts.containers) ?? []
  const owner = others.find(({ addresses }) => addresses.some(({ prefix }) => prefix?.address === nextHop))
  if (owner !== undefined && nextHop === walk.destination) return 'container'
  const whose = nextHop === walk.destination ? 'the target, which it takes for a neighbour' : 'its gateway'
  const text = `${formatAddress(nextHop)}, ${whose}`
  if (owner !== undefined) return ['wrong-route', `${container.name} sends to ${text}: that is ${owner.name}`]
  return ['no-neighbour', `nothing on the bridge of ${container.name} answers for ${text}`]
}

/** What comes out of the container is taken by its port. */
function throughPort(walk: Walk, host: HostView, sender: Sender): Link | undefined {
  const hop = describe(sender, host)
  const index = sender.link.peerIndex
  const port = [...host.links.values()].find((link) => link.kind === 'veth' && link.index === index)
  const outside = keptOut(host, port, walk.size)
  if (outside !== undefined || port === undefined) {
    pass(walk, hop)
    const link = port === undefined ? {} : { link: port.name }
    const [drop, why] = outside ?? ['link-down', '']
    return lose(walk, drop, { stage: 'bridge', host: host.name, ...link, why })
  }
  pass(walk, { ...hop, link: sender.link.name })
  pass(walk, { stage: 'bridge', host: host.name, link: port.name })
  if (port.master !== undefined) pass(walk, { stage: 'bridge', host: host.name, link: port.master })
  return port
}

/** A container that is assumed has the bridge as its gateway. */
function sendFromBridge(walk: Walk, host: HostView, name: string): Place | undefined {
  const bridge = host.links.get(name)
  const hop: HopParts = { stage: 'bridge', host: host.name, link: name }
  if (bridge === undefined) return lose(walk, 'not-enough-facts', { ...hop, why: `${name} is not known` })
  if (!isUp(bridge)) return lose(walk, 'link-down', { ...hop, why: `bridge ${name} is set down` })
  pass(walk, hop)
  return { at: 'arrived', host: host.name, link: name }
}

/** Sends from a container, up to the link of the host that its IP layer sees. */
export function sendFromContainer(walk: Walk, host: HostView): Place | undefined {
  walk.mark = 0
  if (walk.from.assumedOn !== undefined) return sendFromBridge(walk, host, walk.from.assumedOn)
  const sender = readSender(walk, host)
  const bare: HopParts = { stage: 'source', host: host.name, container: walk.from.container ?? '' }
  if (isProblem(sender)) return lose(walk, sender[0], { ...bare, why: sender[1] })
  const inside = keptInside(walk, sender)
  const next = inside ?? answerer(walk, host, sender)
  if (isProblem(next))
    return lose(walk, next[0], { ...describe(sender, host), link: sender.link.name, why: next[1] })
  const port = throughPort(walk, host, sender)
  return port && fromPort(walk, host, { port, next, nextHop: sender.nextHop })
}

/** From its port to the host, or by the bridge to another container. */
function fromPort(
  walk: Walk,
  host: HostView,
  to: { readonly port: Link; readonly next: 'host' | 'container'; readonly nextHop: number },
): Place | undefined {
  const { name: port, master: bridge } = to.port
  const isForHost = to.next === 'host'
  const at = { port, ...(bridge === undefined ? {} : { bridge }), isForHost }
  if (!isThroughPort(walk, host, at)) return undefined
  const link = bridge ?? port
  if (isForHost) return { at: 'arrived', host: host.name, link }
  return isPastBridgeFilter(walk, host, { bridge: link, inPort: port })
    ? reachPort(walk, host, { link, nextHop: to.nextHop, from: port })
    : undefined
}
