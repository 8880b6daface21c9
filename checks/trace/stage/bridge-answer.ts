/** Who answers on a bridge when one of its containers asks for its next hop. */
import { knownValue } from '../../expected/observed-host.ts'
import { formatAddress } from '../../model/address.ts'
import type { Container, ContainerLink } from '../../model/container-bridge.ts'
import type { Link } from '../../model/link.ts'
import { arpProblem, type Unanswered, unansweredArp } from '../walk/arp.ts'
import { containerView } from '../walk/container-view.ts'
import { neighbourOf, neighbourText } from '../walk/neighbours.ts'
import { lose, type Problem, type Walk } from '../walk/state.ts'
import { type HostView, line } from '../walk/world.ts'
import type { SentTo } from './inside.ts'

/** A container and where it sends to: the gateway's address, or that of a neighbour. */
export interface Asking extends SentTo {
  readonly container: Container
}

/** The host's end of a container's veth pair. */
export function portOf(host: HostView, { peerIndex }: ContainerLink): Link | undefined {
  return [...host.links.values()].find((link) => link.kind === 'veth' && link.index === peerIndex)
}

function owners(host: HostView, address: number): readonly Container[] {
  const containers = knownValue(host.facts.containers) ?? []
  return containers.filter(({ addresses }) => addresses.some(({ prefix }) => prefix?.address === address))
}

/** True where the host answers for addresses that are not its own (proxy_arp), which it then routes: Calico's pods have such a gateway. */
function answersForOthers({ sysctls }: HostView, { name }: Link): boolean {
  return ['all', name].some((place) => sysctls.get(`net.ipv4.conf.${place}.proxy_arp`) === '1')
}

/** Who answers on the bridge for the next hop: the host, a container, or nobody. */
export function answerer(
  walk: Walk,
  host: HostView,
  { nextHop, container, link }: Asking,
): 'host' | 'container' | Problem {
  if (host.local.has(nextHop)) return 'host'
  const port = portOf(host, link)
  if (port !== undefined && port.master === undefined) {
    if (answersForOthers(host, port)) return 'host'
    const why = `whether ${host.name} answers for ${formatAddress(nextHop)} on ${port.name} (proxy_arp) is not known`
    return ['not-enough-facts', why]
  }
  const [owner] = owners(host, nextHop)
  if (owner !== undefined && nextHop === walk.destination) return 'container'
  const whose = nextHop === walk.destination ? 'the target, which it takes for a neighbour' : 'its gateway'
  const text = `${formatAddress(nextHop)}, ${whose}`
  if (owner !== undefined) return ['wrong-route', `${container.name} sends to ${text}: that is ${owner.name}`]
  return ['no-neighbour', `nothing on the bridge of ${container.name} answers for ${text}`]
}

/** The MAC of whoever answers. */
function answeringMac(
  host: HostView,
  { link, nextHop }: SentTo,
  who: 'host' | 'container',
): string | undefined {
  if (who === 'container') {
    const [owner] = owners(host, nextHop)
    const own = owner?.addresses.find(({ prefix }) => prefix?.address === nextHop)
    return owner?.links.find(({ name }) => name === own?.link)?.mac
  }
  const port = portOf(host, link)
  return port?.master === undefined ? port?.mac : host.links.get(port.master)?.mac
}

/** A link without ARP sends to its own MAC (Linux `net/ipv4/arp.c`, `arp_constructor`). */
function askedNobody(view: HostView | undefined, link: string): Unanswered | undefined {
  if (!view?.links.get(link)?.flags.includes('NOARP')) return undefined
  return {
    why: `${link} of ${view.container} asks for no neighbour: ARP is switched off on it`,
    used: [line(view, 'addresses', `${link} NOARP`)],
  }
}

/** The link of the host on which a container's question comes in. */
function askedLink(host: HostView, link: ContainerLink): string | undefined {
  const port = portOf(host, link)
  return port?.master ?? port?.name
}

/** Why the one who should answer does not. */
function noAnswer(
  walk: Walk,
  host: HostView,
  {
    asking,
    who,
    inVain,
  }: { readonly asking: Asking; readonly who: 'host' | 'container'; readonly inVain: boolean },
): Unanswered | undefined {
  const { link, nextHop: address } = asking
  if (who === 'host') {
    const asked = host.local.has(address) ? askedLink(host, link) : undefined
    const port = portOf(host, link)
    const by = { by: walk.source, ...(port?.master !== undefined && { port: port.name }) }
    return asked === undefined ? undefined : unansweredArp(host, { link: asked, address, inVain, ...by })
  }
  const [owner] = owners(host, address)
  const own = owner?.addresses.find(({ prefix }) => prefix?.address === address)
  const view = owner && containerView(host, owner)
  return view && own && unansweredArp(view, { link: own.link, address, inVain, by: walk.source })
}

/** Ends the walk where an entry that somebody wrote inside leads to another MAC, or nobody answers; says whether it goes on. */
export function isWellAddressed(
  walk: Walk,
  host: HostView,
  { asking, who }: { readonly asking: Asking; readonly who: 'host' | 'container' },
): boolean {
  const { container, link, nextHop } = asking
  const view = containerView(host, container)
  const entry = view && neighbourOf(view, link.name, nextHop)
  const mac = answeringMac(host, asking, who)
  if (view !== undefined && entry?.mac !== undefined) {
    if (mac === undefined || entry.mac === mac) return true
    const used = [line(view, 'neighbours', neighbourText(entry))]
    const why = `${container.name} sends to ${entry.mac}, ${entry.address} has ${mac}`
    lose(walk, 'wrong-neighbour', { stage: 'source', host: host.name, container: container.name, used, why })
    return false
  }
  const silent =
    askedNobody(view, link.name) ?? noAnswer(walk, host, { asking, who, inVain: entry !== undefined })
  if (silent === undefined) return true
  lose(walk, arpProblem(silent)[0], { stage: 'bridge', host: host.name, ...silent })
  return false
}
