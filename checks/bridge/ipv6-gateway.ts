// flannel writes the IPv6 subnet of a host to subnet.env; the CNI plugin, or whoever gives Docker its options, puts its first address
// on the container bridge and names it to containers as their gateway. The address brings the route to the containers with it: without
// it the host sends what is for them elsewhere (Linux net/ipv6/addrconf.c, addrconf_prefix_route).

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { type Attachment, attachments, namespaceOf } from '../expected/bridge-port.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { bridgeAddress, ipv6Bridge, ipv6Containers } from '../expected/ipv6-ends.ts'
import { run } from '../heal/steps.ts'
import type { Container } from '../model/container-bridge.ts'
import { type Ipv6Prefix, isInIpv6, printedIpv6, printedIpv6Network } from '../model/ipv6.ts'
import type { Ipv6Route, Ipv6State } from '../model/ipv6-state.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { ipv6RouteIn, lookupIpv6 } from '../trace/lookup/ipv6-lookup.ts'

type Code = 'unrouted' | 'missing' | 'wrong'

/** A container with its address of the subnet, the bridge that it hangs on, and its route to a peer. */
interface Seen {
  readonly container: Container
  readonly address: string
  readonly bridge: string
  /** `unread` in states that were recorded before it was read. */
  readonly way: Ipv6Route | undefined | 'unread'
}

function seenOf(
  containers: readonly Container[],
  attached: readonly Attachment[],
  { subnet, routes }: NonNullable<ExpectedHost['ipv6']>,
): readonly Seen[] {
  const peer = routes[0]?.destination.split('/')[0]
  return ipv6Containers(containers, subnet).flatMap(({ container, address }) => {
    const bridge = attached.find((one) => one.container === container)?.port.master
    const inside = container.network?.ipv6Routes
    const way = inside === undefined || peer === undefined ? 'unread' : ipv6RouteIn(inside, 'main', peer)
    return bridge === undefined ? [] : [{ container, address, bridge, way }]
  })
}

/** The gateway by which a container sends, where it is of the host's subnet; undefined for others and for none. */
function gatewayOf({ way }: Seen, subnet: Ipv6Prefix): string | undefined {
  const gateway = typeof way === 'object' ? way.gateway : undefined
  return gateway !== undefined && isInIpv6(gateway, subnet) ? gateway : undefined
}

const ADDRESS = run(
  'ip -6 addr add {gateway}/{length} dev {link}',
  '{link} is the gateway of its containers again',
  'ip -6 addr del {gateway}/{length} dev {link}',
)
const ROUTE = run('ip -6 route replace {subnet} dev {link}', 'packets for containers go to {link}')

/** Containers whose packets the host does not send to their bridge, told once for each bridge. */
function* unrouted(
  seen: readonly Seen[],
  subnet: Ipv6Prefix,
  { ipv6, addresses }: { readonly ipv6: Ipv6State; readonly addresses: readonly LinkAddress[] },
): Iterable<Draft<Code>> {
  for (const [bridge, all] of Map.groupBy(seen, (one) => one.bridge)) {
    const lost = all.find(({ address }) => {
      const found = lookupIpv6(ipv6, { destination: address, mark: 0, headers: 'none' })
      return found.kind === 'none' || (found.kind === 'route' && found.route.link !== bridge)
    })
    if (lost === undefined) continue
    const { address, container } = lost
    const gateway = gatewayOf(lost, subnet) ?? bridgeAddress(subnet)
    const hasAddress = addresses.some((one) => one.link === bridge && isInIpv6(one.address, subnet))
    const observed = ipv6RouteIn(ipv6.routes, 'main', address)?.text ?? 'no route'
    const data = { link: bridge, container: container.name, address, gateway, length: subnet.length }
    yield {
      code: 'unrouted',
      object: named('link', bridge),
      expected: `${printedIpv6Network(subnet)} dev ${bridge}`,
      observed,
      data: { ...data, subnet: printedIpv6Network(subnet) },
      shownBy: 'ipv6',
      ...(hasAddress && { heal: [ROUTE] }),
    }
  }
}

/** What is wrong with the way of a container to its peers; undefined where nothing is. */
function problemOf(
  one: Seen,
  subnet: Ipv6Prefix,
  gateways: ReadonlySet<string>,
): 'missing' | 'wrong' | undefined {
  const { way } = one
  // With several interfaces it may rightly send by another one.
  if (way === 'unread' || one.container.links.length > 1) return undefined
  if (way?.type !== 'unicast') return 'missing'
  const gateway = gatewayOf(one, subnet)
  return gateway !== undefined && gateways.size > 0 && !gateways.has(gateway) ? 'wrong' : undefined
}

const DEFAULT = run(
  'nsenter --net={namespace} ip -6 route replace default via {expected}',
  'the container answers its peers by IPv6',
)

export const check = defineHostCheck({
  id: 'bridge/ipv6-gateway',
  title: 'IPv6 gateway of containers',
  backends: ['vxlan', 'host-gw'],
  needs: ['ipv6', 'links', 'addresses', 'containers'],
  needsExpected: true,
  findings: {
    unrouted: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} does not send IPv6 packets for its containers ({container}, {address}) to {link}: {observed} instead of {expected}',
      fix: 'Give {link} its IPv6 address back, which is the gateway of the containers and brings the route: `ip -6 addr add {gateway}/{length} dev {link}`. Find what took it (a network service, a bridge that was made anew).',
      heal: [ADDRESS],
    },
    missing: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'likely',
      says: 'container {container} on {host} has an IPv6 address and no IPv6 route to its peers ({observed}): it hears them but cannot answer',
      fix: 'Create the container again, or add the route in its namespace: `ip -6 route add default via {expected}`.',
      heal: [DEFAULT],
    },
    wrong: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'likely',
      says: 'container {container} on {host} sends to its peers by the IPv6 gateway {observed}, which is not an address of its bridge ({expected})',
      fix: 'Create the container again, or in its namespace: `ip -6 route replace default via {expected}`.',
      heal: [DEFAULT],
    },
  },
  *evaluate({ facts, expected }): Generator<Draft<Code>> {
    if (expected.ipv6 === undefined) return
    const { subnet } = expected.ipv6
    const { links, addresses, containers } = facts
    const seen = seenOf(containers, attachments(links, containers), expected.ipv6)
    yield* unrouted(seen, subnet, facts)
    const bridge = ipv6Bridge(addresses, expected.ipv6)
    const own = addresses.filter(({ link, address }) => link === bridge && isInIpv6(address, subnet))
    const gateways = new Set(own.flatMap(({ address }) => printedIpv6(address) ?? []))
    for (const one of seen) {
      const code = problemOf(one, subnet, gateways)
      if (code === undefined) continue
      const { container, way } = one
      yield {
        code,
        object: named('container', container.name),
        expected: [...gateways][0] ?? bridgeAddress(subnet),
        observed:
          (code === 'wrong' ? gatewayOf(one, subnet) : (way as Ipv6Route | undefined)?.text) ?? 'no route',
        data: { container: container.name, ...namespaceOf(container) },
      }
    }
  },
})
