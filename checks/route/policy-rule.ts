// flannel writes its routes to table main only. A policy rule before main (VPN clients, multi-homing scripts,
// cloud agents) that selects container traffic and finds a route in its own table wins over them (Linux
// net/core/fib_rules.c, fib_rules_lookup). Pings from the host itself have another source and still work.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { subnetBridge } from '../expected/bridge-link.ts'
import type { ExpectedHost, Peer } from '../expected/expected.ts'
import { run } from '../heal/steps.ts'
import { formatPrefix, maskPrefix, networkAddress } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { PolicyRule, Route } from '../model/route.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { markForRoute } from '../trace/filter/arrival-mark.ts'
import { hostFilters } from '../trace/filter/host-filters.ts'
import type { Mark } from '../trace/filter/packet.ts'
import { coveringRoute, indexRoutes, type RouteIndex } from '../trace/lookup/route-lookup.ts'
import { isRefusingAll, priorityBefore } from '../trace/lookup/rule-order.ts'
import { type Flow, lookupFlow, type RouteAnswer, ruleText } from '../trace/lookup/rules-lookup.ts'
import { routeText } from '../trace/text/route-text.ts'

function leadsAlike(a: Route, b: Route | undefined): boolean {
  return (
    a.type === b?.type && a.link === b.link && a.gateway === b.gateway && a.gatewayInet6 === b.gatewayInet6
  )
}

/** Several next hops are no question of rules: the first stands for them all. */
function isUndecided(found: RouteAnswer): boolean {
  return found.kind === 'unknown' && found.route === undefined
}

/** What takes the packet off the way that table main has for it; undefined when nothing does. */
function diversion(found: RouteAnswer, index: RouteIndex, packet: Flow): string | undefined {
  if (found.kind === 'refused') return found.action
  if (isUndecided(found)) return 'whether a rule selects container traffic is undecided'
  if (found.kind === 'none' || found.route === undefined || isUsual(found.rule)) return undefined
  const main = coveringRoute(index, { address: packet.destination, length: 32 })
  return main === undefined || leadsAlike(found.route, main) ? undefined : routeText(found.route)
}

function isUsual({ table = '' }: PolicyRule): boolean {
  return ['local', 'main', 'default'].includes(table)
}

/** The link by which a peer's packets come and go; undefined when it is not known. */
function peerLink({ link, externalLink }: ExpectedHost, { direct }: Peer): string | undefined {
  return direct || link === undefined ? externalLink?.name : link.name
}

/** A packet of a container to one of each peer, and one that comes from there. */
function* forwarded(expected: ExpectedHost, bridge: string) {
  const own = (networkAddress(expected.lease.subnet) + 2) >>> 0
  for (const peer of expected.peers) {
    const theirs = (networkAddress(peer.lease.subnet) + 2) >>> 0
    const overlay = peerLink(expected, peer)
    // A rule for one protocol or port diverts that service only.
    const headers = 'none'
    const outgoing: Flow = { source: own, destination: theirs, inLink: bridge, mark: 0, headers }
    yield { way: `to ${peer.name}`, packet: outgoing }
    if (overlay === undefined) continue
    const incoming: Flow = { source: theirs, destination: own, inLink: overlay, mark: 0, headers }
    yield { way: `from ${peer.name}`, packet: incoming }
  }
}

/** The mark that rules of the packet filter give to what comes in. */
function marking(snapshot: ClusterSnapshot, host: HostName): (packet: Flow) => Mark {
  const filters = hostFilters(snapshot, host)
  return ({ source = 0, destination, inLink = '' }) => {
    const headers = { source, destination, inLink, protocol: 'icmp', icmpType: 8 } as const
    return markForRoute(filters, { ...headers, state: 'NEW', localAddresses: new Set<number>() })
  }
}

/** The rules that every kernel begins with and flannel counts on; the third, for table default, leads to nothing. */
const KERNELS = [
  { table: 'local', id: '255', priority: 0, lost: 'it takes no packet for its own addresses' },
  { table: 'main', id: '254', priority: 32_766, lost: 'what flannel writes there is never asked' },
] as const

interface Looked {
  readonly rules: readonly PolicyRule[]
  readonly addresses: readonly LinkAddress[]
  readonly index: RouteIndex
  readonly expected: ExpectedHost
  readonly bridge: string
}

type Usual = (typeof KERNELS)[number]

function isNamed({ table, id }: Usual, { rules }: Looked): boolean {
  return rules.some((rule) => rule.table === table || rule.table === id)
}

/** True where no rule leads to the table, or for local none before others, and no other table has what flannel's packets need of it. */
function isLacking(usual: Usual, looked: Looked): boolean {
  const { rules, index, expected, bridge } = looked
  if (usual.table === 'local') return rules.length > 0 && isOwnAstray(usual, looked)
  if (rules.length === 0 || isNamed(usual, looked)) return false
  return [...forwarded(expected, bridge)].some(
    ({ packet }) => lookupFlow(rules, index, packet).kind === 'none',
  )
}

/** True where the host does not take what is for an address of its own although table local has it. */
function isOwnAstray(usual: Usual, looked: Looked): boolean {
  const { rules, addresses, index, expected, bridge } = looked
  const held = addresses.find(({ link, prefix }) => link === bridge && prefix !== undefined)?.prefix
  const destination = held?.address ?? expected.lease.publicIp
  const found = lookupFlow(rules, index, { destination, mark: 0, headers: 'none' })
  if (found.kind === 'unknown' || (found.kind === 'route' && found.route.type === 'local')) return false
  const kept = coveringRoute(index, { address: destination, length: 32 }, 'local')
  return kept?.type === 'local' || !isNamed(usual, looked)
}

function* lacking(looked: Looked): Iterable<Draft<'diverting' | 'missing'>> {
  for (const usual of KERNELS) {
    if (!isLacking(usual, looked)) continue
    const object = named('rule', usual.priority)
    const [observed, late] = isNamed(usual, looked)
      ? ['behind others', ' before others']
      : ['not present', '']
    yield { code: 'missing', object, expected: `lookup ${usual.table}`, observed, data: { ...usual, late } }
  }
}

function aboutRule(rule: PolicyRule) {
  const about = { object: named('rule', rule.priority), prints: [`"priority":${rule.priority}`] }
  return isRefusingAll(rule) ? { ...about, heal: [DELETE] } : about
}

const DELETE = run('ip rule del priority {priority}', 'the rules behind it are asked again')

export const check = defineHostCheck({
  id: 'route/policy-rule',
  title: 'Policy rules and container traffic',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['rules', 'routes', 'links', 'addresses'],
  needsExpected: true,
  findings: {
    diverting: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'policy rule "{rule}" on {host} takes container traffic ({way}) off the routes of flannel: {observed}',
      fix: 'Put a rule before it: `ip rule add to {network} lookup main priority {before}`; make it lasting where the other rule comes from.',
      heal: [
        run(
          'ip rule add to {network} lookup main priority {before}',
          'the routes of flannel are asked first',
          'ip rule del to {network} lookup main priority {before}',
        ),
      ],
      explains: [{ code: 'route/reverse-path-filter:strict', when: 'same-host' }],
    },
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'no policy rule on {host} leads to table {table}{late}: {lost}',
      fix: 'Put it back: `ip rule add lookup {table} priority {priority}`, and find what deleted it (a script that replaces policy rules).',
      heal: [
        run(
          'ip rule add lookup {table} priority {priority}',
          'table {table} is asked again',
          'ip rule del lookup {table} priority {priority}',
        ),
      ],
    },
  },
  *evaluate({ host, facts, expected, cluster: { snapshot } }) {
    const bridge = subnetBridge({ ...facts, subnet: maskPrefix(expected.lease.subnet) })
    const index = indexRoutes(facts.routes)
    yield* lacking({ ...facts, index, expected, bridge: bridge?.name ?? '' })
    if (bridge === undefined || facts.rules.every(isUsual)) return
    const seen = new Set<PolicyRule>()
    const markOf = marking(snapshot, host)
    for (const { way, packet: bare } of forwarded(expected, bridge.name)) {
      const packet = { ...bare, mark: markOf(bare) }
      const found = lookupFlow(facts.rules, index, packet)
      if (found.kind === 'none' || seen.has(found.rule)) continue
      const observed = diversion(found, index, packet)
      if (observed === undefined) continue
      seen.add(found.rule)
      const rule = ruleText(found.rule)
      if (isUndecided(found)) yield { unsure: `${observed}: ${rule}` }
      else {
        const { priority } = found.rule
        const network = formatPrefix(maskPrefix(expected.config.network))
        const data = { rule, way, network, priority, before: priorityBefore(facts.rules, priority) }
        const about = { ...aboutRule(found.rule), expected: 'table main', observed, data }
        yield { code: 'diverting', ...about }
      }
    }
  },
})
