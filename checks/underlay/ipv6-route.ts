// Outer packets of the IPv6 tunnel go where the host routes the public IPv6 address of the peer (Linux drivers/net/vxlan/vxlan_core.c,
// vxlan6_get_route); with host-gw that address is the gateway of the route to its subnet, and the hosts answer each other by it. A
// prefix or default route that came by a router's announcement goes when the host begins to forward (accept_ra is then 0).
import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost, Peer } from '../expected/expected.ts'
import type { ExpectedIpv6 } from '../expected/ipv6.ts'
import { ipv6Bridge } from '../expected/ipv6-ends.ts'
import { run } from '../heal/steps.ts'
import { isInIpv6, parseIpv6Prefix, printedIpv6Network } from '../model/ipv6.ts'
import { type Ipv6Route, type Ipv6State, ipv6RouteWords } from '../model/ipv6-state.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import { lookupIpv6 } from '../trace/lookup/ipv6-lookup.ts'
import type { RouteAnswer } from '../trace/lookup/rules-lookup.ts'

type Code = 'missing' | 'astray' | 'mtu-smaller'

/** IPv6, UDP and vxlan header, and the Ethernet header inside (`pkg/backend/vxlan/device.go`, `encapOverhead`). */
const OVERHEAD = 70

interface Seen {
  readonly expected: ExpectedHost
  readonly second: ExpectedIpv6
  readonly ipv6: Ipv6State
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
}

/** Links that lead to no other host: into the tunnel itself, to the containers, or nowhere. */
function isInward(name: string | undefined, { second, links, addresses }: Seen): boolean {
  const kind = links.find((link) => link.name === name)?.kind
  return [second.link?.name, ipv6Bridge(addresses, second), 'lo'].includes(name) || kind === 'dummy'
}

/** The network of the external link that an address is in: its route comes with the link's own address. */
function connectedNetwork(address: string, { addresses, expected }: Seen): string | undefined {
  const own = addresses.filter(
    ({ link, family }) => family === 'inet6' && link === expected.externalLink?.name,
  )
  const prefixes = own.flatMap((one) => parseIpv6Prefix(`${one.address}/${one.length}`) ?? [])
  const prefix = prefixes.find((one) => one.length < 128 && isInIpv6(address, one))
  return prefix && printedIpv6Network(prefix)
}

/** What is wrong with the way to a peer's public address; undefined where nothing is. */
function problemOf(
  route: Ipv6Route | undefined,
  seen: Seen,
): { readonly code: Code; readonly needed?: number } | undefined {
  if (route === undefined) return { code: 'missing' }
  if (route.type !== 'unicast' || isInward(route.link, seen)) return { code: 'astray' }
  const vtep = seen.links.find(({ name }) => name === seen.second.link?.name)
  const needed = vtep && vtep.mtu + OVERHEAD
  if (needed === undefined || route.mtu === undefined || route.mtu >= needed) return undefined
  return { code: 'mtu-smaller', needed }
}

/** The route of packets to an address, where the kernel has one, and how it says that there is none. */
function found(publicIp: string, { ipv6, expected }: Seen): RouteAnswer<Ipv6Route> {
  const source = expected.lease.ipv6?.publicIp
  return lookupIpv6(ipv6, { destination: publicIp, mark: 0, headers: 'none', ...present({ source }) })
}

function routeOf(answer: RouteAnswer<Ipv6Route>): Ipv6Route | undefined {
  return answer.kind === 'route' || answer.kind === 'unknown' ? answer.route : undefined
}

/** What is printed to heal: where the network of the link is known, and of a route that somebody wrote. */
function isHealed(answer: RouteAnswer<Ipv6Route>, network: string | undefined): boolean {
  const route = routeOf(answer)
  if (route === undefined) return answer.kind === 'none' && network !== undefined
  return route.protocol !== 'kernel' && route.table === 'main'
}

function dataOf(
  publicIp: string,
  route: Ipv6Route | undefined,
  { network = '', link = '' }: Readonly<Record<'network' | 'link', string | undefined>>,
) {
  return { address: publicIp, mtu: route?.mtu ?? 0, words: route ? ipv6RouteWords(route) : '', network, link }
}

function seenText(answer: RouteAnswer<Ipv6Route>): string {
  const none = answer.kind === 'refused' ? answer.action : 'no route'
  return routeOf(answer)?.text ?? none
}

function draftOf(peer: Peer, publicIp: string, seen: Seen): Draft<Code> | Unsure | undefined {
  const answer = found(publicIp, seen)
  const route = routeOf(answer)
  if (answer.kind === 'unknown' && route === undefined)
    return { unsure: `where ${publicIp} is routed is not known: ${answer.why}` }
  const problem = problemOf(route, seen)
  if (problem === undefined) return undefined
  const { code, needed = 0 } = problem
  const network = connectedNetwork(publicIp, seen)
  const data = dataOf(publicIp, route, { network, link: seen.expected.externalLink?.name })
  return {
    code,
    peer: peer.name,
    object: named('route', publicIp),
    expected: code === 'mtu-smaller' ? `mtu ${needed}` : `dev ${data.link}`,
    observed: seenText(answer),
    data: { ...data, needed },
    shownBy: 'ipv6',
    ...(seen.second.link === undefined && { effect: 'risk' as const }),
    ...(!isHealed(answer, network) && { heal: [] }),
  }
}

export const check = defineHostCheck({
  id: 'underlay/ipv6-route',
  title: 'Routes to the public IPv6 addresses of peers',
  backends: ['vxlan', 'host-gw'],
  needs: ['ipv6', 'links', 'addresses'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} has no IPv6 route to {address}, the public address of {peer} ({observed}): nothing reaches {peer} by IPv6',
      fix: 'Write the route to the hosts’ network again. If a router announced it, set net.ipv6.conf.{link}.accept_ra=2 on {host}: a host that forwards takes no announcements otherwise.',
      heal: [
        run(
          'ip -6 route add {network} dev {link} metric 256',
          '{host} finds its neighbours again',
          'ip -6 route del {network} dev {link} metric 256',
        ),
      ],
    },
    astray: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: '{host} sends packets for {address}, the public address of {peer}, where no other host is: {observed}',
      fix: 'Find out what wrote this route or gave the link that prefix, and remove it.',
      heal: [
        run(
          'ip -6 route del {words...}',
          'packets for {address} leave by {link}',
          'ip -6 route add {words...}',
        ),
      ],
    },
    'mtu-smaller': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the IPv6 route of {host} to {address}, the public address of {peer}, takes packets of {mtu} bytes, its tunnel needs {needed}: large packets of containers are lost or refused',
      fix: 'Take the mtu off the route where nothing behind it is smaller; otherwise set "MTU": {mtu} in the Backend of the configuration (v0.21.3 and later), delete the vxlan links and restart flanneld, then Docker.',
      heal: [
        run(
          'ip -6 route replace {words...}',
          'the route takes what its link takes',
          'ip -6 route replace {words...} mtu {mtu}',
        ),
      ],
    },
  },
  *evaluate({ facts, expected }): Generator<Draft<Code> | Unsure> {
    const second = expected.ipv6
    // With DirectRouting no FDB entry is expected for certain, nor with a tunnel over IPv4.
    if (second === undefined || (second.link && second.fdb.length === 0)) return
    for (const { peer } of second.routes) {
      const publicIp = peer.lease.ipv6?.publicIp
      const draft = publicIp && draftOf(peer, publicIp, { ...facts, expected, second })
      if (draft) yield draft
    }
  },
})
