// flannel routes its subnets, or before v0.9.0 (and with udp) the whole network, into the overlay
// (`pkg/backend/vxlan/vxlan_network.go`, `handleSubnetEvents`; `pkg/backend/udp/udp_network_amd64.go`).
// It does not look whether the hosts' own network lies inside: then packets to a peer or to the gateway
// go into the overlay that needs them to work.

import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { defaultRoute, type RouteLookup, routeLookup } from '../expected/route-lookup.ts'
import { run } from '../heal/steps.ts'
import {
  containsAddress,
  containsPrefix,
  formatAddress,
  formatPrefix,
  lastAddress,
  maskPrefix,
  type Prefix,
} from '../model/address.ts'
import type { LeaseTable } from '../model/lease.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { Route } from '../model/route.ts'

/** Addresses named in the sentence; the rest are counted. */
const NAMED = 3

/** The overlay route that carries an underlay address; undefined when the underlay keeps it. */
function swallowed(address: number, lookup: RouteLookup, expected: ExpectedHost): string | undefined {
  const route = lookup(address)
  if (!route || !containsPrefix(expected.config.network, route.destination)) return undefined
  const isFlannel = expected.routes.some(
    ({ destination, link }) =>
      link === route.link && formatPrefix(destination) === formatPrefix(maskPrefix(route.destination)),
  )
  return isFlannel ? formatPrefix(route.destination) : undefined
}

function isLeasable(address: number, config: NetworkConfig): boolean {
  const last = lastAddress({ address: config.subnetMax, length: config.subnetLength })
  return address >= config.subnetMin && address <= last
}

function list(addresses: readonly number[]): string {
  const names = addresses.slice(0, NAMED).map(formatAddress).join(', ')
  return addresses.length > NAMED ? `${names} and ${addresses.length - NAMED} more` : names
}

const within = new WeakMap<NetworkConfig, WeakMap<LeaseTable, boolean>>()

/** True where the public IP of any host is inside the network: mostly none is, which is found out once for all hosts. */
function isAnyInside(config: NetworkConfig, table: LeaseTable): boolean {
  const known = within.get(config) ?? new WeakMap<LeaseTable, boolean>()
  const isInside =
    known.get(table) ?? table.leases.some(({ publicIp }) => containsAddress(config.network, publicIp))
  within.set(config, known.set(table, isInside))
  return isInside
}

/** True where another link has addresses of a network that overlaps that of the external link: few hosts do. */
function isOnTwoLinks(addresses: readonly LinkAddress[], { externalLink }: ExpectedHost): boolean {
  const networks = (isOwn: boolean): readonly Prefix[] =>
    addresses.flatMap(({ link, prefix }) =>
      prefix !== undefined && prefix.length < 32 && (link === externalLink?.name) === isOwn
        ? [maskPrefix(prefix)]
        : [],
    )
  const own = networks(true)
  return networks(false).some((other) =>
    own.some((one) => containsPrefix(one, other) || containsPrefix(other, one)),
  )
}

interface Observed {
  readonly routes: readonly Route[]
  readonly addresses: readonly LinkAddress[]
}

/** Peers on the external link whose public IP the kernel's own route of another link takes: that of an overlapping network. */
function* twice({ routes, addresses }: Observed, expected: ExpectedHost) {
  if (!isOnTwoLinks(addresses, expected)) return
  const { peers, externalLink } = expected
  const link = externalLink?.name
  const lookup = routeLookup(routes)
  const isNear = (route: Route, address: number): boolean =>
    route.protocol === 'kernel' && route.type === 'unicast' && containsAddress(route.destination, address)
  for (const { lease, name } of peers) {
    const { publicIp } = lease
    const found = lookup(publicIp)
    if (link === undefined || found?.link === undefined || found.link === link) continue
    if (!isNear(found, publicIp) || !routes.some((one) => one.link === link && isNear(one, publicIp)))
      continue
    yield {
      code: 'on-two-links' as const,
      peer: name,
      shownBy: 'routes' as const,
      object: named('route', formatPrefix(maskPrefix(found.destination))),
      expected: link,
      observed: `${formatPrefix(maskPrefix(found.destination))} dev ${found.link}`,
      data: { address: formatAddress(publicIp), link, other: found.link },
    }
  }
}

export const check = defineHostCheck({
  id: 'underlay/network-overlap',
  title: 'Underlay addresses outside the flannel network',
  backends: 'any',
  needs: ['routes', 'leases', 'config', 'addresses'],
  needsExpected: true,
  findings: {
    'inside-network': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'on {host} the way to {observed} leads into the overlay (route {route}), which needs these addresses itself',
      fix: "Choose a Network that does not contain the hosts' own addresses, write the configuration and restart flanneld and Docker everywhere.",
      explains: [
        { code: 'underlay/peer-on-link:not-on-link', when: 'same-host' },
        { code: 'underlay/network-overlap:inside-range', when: 'anywhere' },
        { code: 'lease/time-to-live:expiring', when: 'same-host' },
        // Registered with another public IP than before, a host gets another subnet.
        { code: 'bridge/address:wrong-subnet', when: 'same-host' },
      ],
    },
    'on-two-links': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has the network of {peer} on two links: {observed} takes what is for its public IP {address}, which is on {link}',
      fix: 'Give the network of {other} other addresses (a Docker network: create it anew with another --subnet). Until then: `ip route add {address}/32 dev {link}`.',
      heal: [
        run(
          'ip route add {address}/32 dev {link}',
          'packets for the peer leave by its own network',
          'ip route del {address}/32 dev {link}',
        ),
      ],
    },
    'inside-range': {
      severity: 'warning',
      confidence: 'likely',
      says: 'address {observed} of {host} or its gateway lies in the range flannel leases subnets from ({expected})',
      fix: "Choose another Network, or set SubnetMin and SubnetMax so that the hosts' own addresses are outside, before a host gets that subnet.",
    },
  },
  *evaluate({ facts: { routes, config, leases, addresses }, expected }) {
    yield* twice({ routes, addresses }, expected)
    const gateway = defaultRoute(routes)?.gateway
    const near = [expected.lease.publicIp, ...(gateway === undefined ? [] : [gateway])]
    const inside = new Set(near.filter((address) => containsAddress(config.network, address)))
    for (const { lease } of isAnyInside(config, leases) ? expected.peers : [])
      if (containsAddress(config.network, lease.publicIp)) inside.add(lease.publicIp)
    if (inside.size === 0) return
    const lookup = routeLookup(routes)
    const lost = [...inside].filter((address) => swallowed(address, lookup, expected) !== undefined)
    const [first] = lost
    if (first !== undefined) {
      const route = swallowed(first, lookup, expected) ?? formatPrefix(config.network)
      yield {
        code: 'inside-network',
        shownBy: 'routes',
        object: named('network', formatPrefix(config.network)),
        observed: list(lost),
        data: { route },
      }
    }
    const leasable = near.filter((address) => !lost.includes(address) && isLeasable(address, config))
    if (leasable.length > 0) {
      const range = `${formatAddress(config.subnetMin)} to ${formatAddress(config.subnetMax)}/${config.subnetLength}`
      yield { code: 'inside-range', object: 'underlay', expected: range, observed: list(leasable) }
    }
  },
})
