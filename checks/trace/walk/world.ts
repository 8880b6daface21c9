/** What a walk reads of a snapshot: each host's forwarding state, and which host an address belongs to. */
import type { Evidence } from '../../check.ts'
import { clusterIdentity } from '../../expected/cluster-identity.ts'
import type { Link, LinkAddress } from '../../model/link.ts'
import type { PolicyRule } from '../../model/route.ts'
import type { ClusterSnapshot, HostFactName, HostName, HostSnapshot } from '../../model/snapshot.ts'
import type { Sysctls } from '../../model/sysctl.ts'
import { type HostFilters, hostFilters } from '../filter/host-filters.ts'
import { indexRoutes, type RouteIndex, routesTo } from '../lookup/route-lookup.ts'
import type { Kept } from './state.ts'

/** The facts no step on a host can do without. */
const CORE = ['links', 'addresses', 'routes', 'rules', 'sysctls'] as const

/** One host as a packet meets it. */
export interface HostView {
  readonly name: HostName
  /** Set where it is the network of a container of that host. */
  readonly container?: string
  readonly facts: HostSnapshot['facts']
  readonly links: ReadonlyMap<string, Link>
  readonly addresses: readonly LinkAddress[]
  /** Its IPv4 addresses. */
  readonly local: ReadonlySet<number>
  readonly index: RouteIndex
  readonly rules: readonly PolicyRule[]
  readonly sysctls: Sysctls
  readonly filters: HostFilters
}

/** Why a host cannot be walked through. */
export interface Unreadable {
  readonly absent: string
}

export interface World {
  readonly snapshot: ClusterSnapshot
  readonly hosts: ReadonlyMap<HostName, HostView | Unreadable>
  /** The links that hold an address, by address; loopback's and IPv6 left out. */
  readonly owners: ReadonlyMap<number, readonly Owner[]>
}

export interface Owner {
  readonly host: HostName
  readonly link: string
}

const worlds = new WeakMap<ClusterSnapshot, World>()

/** The snapshot made ready; the same object on every call with the same snapshot. */
export function worldOf(snapshot: ClusterSnapshot): World {
  const known = worlds.get(snapshot)
  if (known) return known
  const hosts = new Map([...snapshot.hosts.values()].map((host) => [host.host, hostView(snapshot, host)]))
  const world: World = { snapshot, hosts, owners: ownersOf(hosts) }
  worlds.set(snapshot, world)
  return world
}

function hostView(snapshot: ClusterSnapshot, { host, facts }: HostSnapshot): HostView | Unreadable {
  for (const name of CORE) {
    const fact = facts[name]
    if (!fact.known) return { absent: `${name} of ${host} are not known: ${fact.why} (${fact.detail})` }
  }
  const { links, addresses, routes, rules, sysctls } = facts
  if (!(links.known && addresses.known && routes.known && rules.known && sysctls.known))
    return { absent: `${host} was not read` }
  return {
    name: host,
    facts,
    links: new Map(links.value.map((link) => [link.name, link])),
    addresses: addresses.value,
    local: new Set(addresses.value.flatMap(({ prefix }) => (prefix ? [prefix.address] : []))),
    index: indexRoutes(routes.value),
    rules: rules.value,
    sysctls: sysctls.value,
    filters: hostFilters(snapshot, host),
  }
}

function ownersOf(hosts: World['hosts']): World['owners'] {
  const owners = new Map<number, Owner[]>()
  for (const [host, view] of hosts) {
    if ('absent' in view) continue
    for (const { link, prefix, scope } of view.addresses) {
      if (prefix === undefined || scope === 'host') continue
      const known = owners.get(prefix.address)
      if (known) known.push({ host, link })
      else owners.set(prefix.address, [{ host, link }])
    }
  }
  return owners
}

/** A host of the world, or why it cannot be walked through. */
export function viewOf({ hosts }: World, host: HostName): HostView | Unreadable {
  return hosts.get(host) ?? { absent: `${host} is not in the snapshot` }
}

/** A line of one of the host's facts, with the command that shows it. */
export function line(host: HostView, fact: HostFactName, excerpt: string): Evidence {
  return { source: host.facts[fact].from, excerpt }
}

/** Why a fact is not there, as a clause; undefined when it is. */
export function absence(host: HostView, name: HostFactName): string | undefined {
  const fact = host.facts[name]
  return fact.known ? undefined : `${name} of ${host.name} are not known: ${fact.why} (${fact.detail})`
}

/** A fact that should be there and could not be read, as a loss that is left open; undefined where it is there or is none of the host's. */
export function unreadFact(host: HostView, name: 'xfrm' | 'trafficControl'): Kept | undefined {
  const fact = host.facts[name]
  if (fact.known || NONE_OF_THE_HOST.has(fact.why)) return undefined
  return { problem: ['not-enough-facts', absence(host, name) ?? ''] }
}

/** Why a fact says nothing of a host: recorded before it was read, or not there. */
const NONE_OF_THE_HOST: ReadonlySet<string> = new Set(['not-applicable', 'missing', 'not-installed'])

/** Hosts that a packet for an underlay address reaches: those that hold it, or behind NAT the one whose lease names it. */
export function underlayOwners(world: World, address: number): readonly Owner[] {
  return world.owners.get(address) ?? behindNat(world).get(address) ?? []
}

const translated = new WeakMap<World, ReadonlyMap<number, readonly Owner[]>>()

/** Hosts by the public IP they were told to have, which is no address of theirs; of several with one the first. */
function behindNat(world: World): ReadonlyMap<number, readonly Owner[]> {
  const known = translated.get(world)
  if (known) return known
  const found = new Map<number, readonly Owner[]>()
  for (const [host, identity] of clusterIdentity(world.snapshot).byHost) {
    if (!('lease' in identity) || identity.identifiedBy !== 'public-ip-option') continue
    const { publicIp } = identity.lease
    if (!found.has(publicIp)) found.set(publicIp, ownerByRoute(world, host))
  }
  translated.set(world, found)
  return found
}

function ownerByRoute(world: World, host: HostName): readonly Owner[] {
  const view = world.hosts.get(host)
  const link = view && !('absent' in view) ? outwardLink(view) : undefined
  return link === undefined ? [] : [{ host, link }]
}

/** Behind NAT the packet comes by the link of the default route. */
function outwardLink({ index }: HostView): string | undefined {
  return routesTo(index, { address: 0, length: 0 })[0]?.link
}
