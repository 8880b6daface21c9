// Calico, Weave and Cilium leave links, tunnels and routes behind when they are removed without a reboot. Calico's agent
// writes a blackhole for each of its blocks (route protocol bird or 80), which hides a part of a subnet that flannel
// has leased since. flannel writes no route inside its own subnet: the container bridge owns it whole.

import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { subnetKey } from '../expected/lease-index.ts'
import { run } from '../heal/steps.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import { isUp, type Link } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { Route } from '../model/route.ts'
import { kindsIn } from '../model/table-kind.ts'
import { byNetwork, mainRoutesTo } from '../model/table-lookup.ts'
import { indexRoutes, routesWithin } from '../trace/lookup/route-lookup.ts'
import { routeText } from '../trace/text/route-text.ts'

const OWNERS: readonly (readonly [name: RegExp, owner: string])[] = [
  [/^(vxlan(-v6)?\.calico|wireguard\.cali|wg-v6\.cali|cali[0-9a-f]+)$/, 'Calico'],
  [/^(weave|datapath|vxlan-6784|vethwe-.*)$/, 'Weave'],
  [/^(cilium_(host|net|vxlan|geneve|wg0)|lxc_health)$/, 'Cilium'],
  [/^(kube-bridge|kube-dummy-if)$/, 'kube-router'],
]

/** The kernel makes tunl0 with its module: only an address or being up shows that somebody uses it. */
const TUNL = 'tunl0'

function ownerOf(link: Link): string | undefined {
  if (link.name === TUNL) return isUp(link) ? 'Calico or another user of IP in IP' : undefined
  return OWNERS.find(([name]) => name.test(link.name))?.[1]
}

/** Ports of containers that hang on no bridge: canal (Calico's plugin over flannel) gives each one a route of its own. */
function portsWithRoutes(routes: readonly Route[], links: readonly Link[]): ReadonlySet<string> {
  const ports = links.filter(({ kind, master }) => kind === 'veth' && master === undefined)
  if (ports.length === 0) return new Set()
  const routed = new Set(toOne(routes, 'one').map(({ link }) => link))
  return new Set(ports.map(({ name }) => name).filter((name) => routed.has(name)))
}

const toOne = kindsIn<Route>(byNetwork, (route) => (isToOne(route) ? 'one' : undefined))

function isToOne({ type, destination, gateway }: Route): boolean {
  return type === 'unicast' && destination.length === 32 && gateway === undefined
}

/** Routes that take a part of the host's own subnet away; connected ones belong to bridges and are judged as such. */
function partsElsewhere(
  routes: readonly Route[],
  ofContainers: ReadonlySet<string>,
  { lease, peers }: ExpectedHost,
): readonly Route[] {
  const { subnet } = lease
  const parts = routesWithin(indexRoutes(routes), subnet).filter(
    (route) =>
      route.protocol !== 'kernel' &&
      route.type !== 'throw' &&
      !(isToOne(route) && route.link !== undefined && ofContainers.has(route.link)),
  )
  if (parts.length === 0) return []
  // A lease inside the own one is at fault itself (`lease/subnet:overlapping`), not the route that flannel gives it.
  const leased = new Set(peers.map((peer) => subnetKey(peer.lease.subnet)))
  const whole = new Set(mainRoutesTo(routes, subnet).map(({ link }) => link))
  return parts.filter(
    ({ destination, link }) =>
      !leased.has(subnetKey(destination)) && (link === undefined || !whole.has(link)),
  )
}

export const check = defineHostCheck({
  id: 'route/foreign-network',
  title: 'Links and routes of other container networks',
  backends: 'any',
  needs: ['links', 'routes'],
  needsExpected: true,
  findings: {
    'part-of-own-subnet': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the {object} on {host} takes a part of its own subnet {subnet} away: {observed}; containers with an address in it get no packets',
      fix: 'Find out who wrote it (`ip -d route show root {subnet}` shows the protocol; bird and 80 are Calico), stop that program and `ip route del {route}`.',
      heal: [run('ip route del {route...}', 'the addresses are those of the container bridge again')],
    },
    'links-present': {
      severity: 'info',
      confidence: 'likely',
      says: '{host} has links of {owner}: {observed}',
      fix: 'Nothing if that network is used on purpose. Otherwise remove it with its own tool, or reboot: its routes and rules can take packets of flannel.',
    },
  },
  *evaluate({ facts: { links, routes }, expected }) {
    const subnet = formatPrefix(maskPrefix(expected.lease.subnet))
    const ofContainers = portsWithRoutes(routes, links)
    for (const route of partsElsewhere(routes, ofContainers, expected)) {
      const destination = formatPrefix(maskPrefix(route.destination))
      const observed = routeText(route)
      const kind = route.type === 'unicast' ? '' : `${route.type} `
      const data = { subnet, route: `${kind}${destination}` }
      yield {
        code: 'part-of-own-subnet',
        object: named('route', destination),
        expected: 'no such route',
        observed,
        data,
      }
    }
    const owned = links.flatMap((link) => {
      const owner = ofContainers.has(link.name) ? undefined : ownerOf(link)
      return owner === undefined ? [] : [{ owner, name: link.name }]
    })
    for (const [owner, same] of Map.groupBy(owned, (one) => one.owner)) {
      const observed = `${same[0]?.name}${same.length > 1 ? ` and ${same.length - 1} more` : ''}`
      yield {
        code: 'links-present',
        object: `links of ${owner}`,
        observed,
        data: { owner },
        shownBy: 'links',
      }
    }
  },
})
