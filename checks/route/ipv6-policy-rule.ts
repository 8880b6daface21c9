// flannel writes its IPv6 routes to table main only. A policy rule of IPv6 before main (VPN clients, multi-homing scripts) that
// selects packets of the overlay and finds a route in its own table wins over them (Linux net/ipv6/fib6_rules.c, fib6_rule_match).

import type { Draft, Unsure } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedIpv6Route } from '../expected/ipv6.ts'
import { ipv6Bridge } from '../expected/ipv6-ends.ts'
import { run } from '../heal/steps.ts'
import { type Ipv6Prefix, printedIpv6Network } from '../model/ipv6.ts'
import type { Ipv6Route, Ipv6State } from '../model/ipv6-state.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import type { PolicyRule } from '../model/route.ts'
import type { HostSnapshot } from '../model/snapshot.ts'
import { markForRoute } from '../trace/filter/arrival-mark.ts'
import { ipv6Filters } from '../trace/filter/host-filters.ts'
import type { Mark } from '../trace/filter/packet.ts'
import { type Ipv6Flow, ipv6RouteIn, leadsAlike, lookupIpv6 } from '../trace/lookup/ipv6-lookup.ts'
import { isForAll } from '../trace/lookup/rule-match.ts'
import { priorityBefore } from '../trace/lookup/rule-order.ts'
import { type RouteAnswer, ruleText } from '../trace/lookup/rules-lookup.ts'
import { ipv6Packet } from '../trace/pairs/ipv6-packets.ts'

const USUAL_TABLES = new Set(['local', 'main', 'default'])

/** A packet whose mark is not known yet. */
interface Asked {
  readonly way: string
  readonly flow: Omit<Ipv6Flow, 'mark'>
}

/** Some address of a subnet that a container may have. */
function someOf({ network }: Ipv6Prefix): string {
  return network.replace(/0$/, '2')
}

/** A packet of the host and, where its bridge has IPv6, one of a container to a peer and one that comes from there. */
function askedFor(
  { lease, name }: ExpectedIpv6Route['peer'],
  {
    own,
    bridge,
    outer,
  }: { readonly own: Ipv6Prefix } & Readonly<Partial<Record<'bridge' | 'outer', string>>>,
): readonly Asked[] {
  if (lease.ipv6 === undefined) return []
  const [ours, theirs] = [own, lease.ipv6.subnet].map(someOf) as [string, string]
  // A rule for one protocol or port diverts that service only.
  const common = { headers: 'none' } as const
  const to = { way: `to ${name}`, flow: { ...common, destination: theirs } }
  if (bridge === undefined) return [to]
  const out = { way: to.way, flow: { ...to.flow, source: ours, inLink: bridge } }
  const back = { ...common, source: theirs, destination: ours, ...present({ inLink: outer }) }
  return [out, to, ...(outer === undefined ? [] : [{ way: `from ${name}`, flow: back }])]
}

/** Several next hops are no question of rules. */
function isUndecided(found: RouteAnswer<Ipv6Route>): boolean {
  return found.kind === 'unknown' && found.route === undefined
}

/** What takes the packet off the way that table main has for it; undefined when nothing does. */
function diversion(
  found: RouteAnswer<Ipv6Route>,
  { routes }: Ipv6State,
  { destination }: Ipv6Flow,
): string | undefined {
  if (found.kind === 'refused') return found.action
  if (isUndecided(found)) return 'whether a rule selects IPv6 packets of the overlay is undecided'
  if (found.kind === 'none' || found.route === undefined || USUAL_TABLES.has(found.rule.table ?? ''))
    return undefined
  const main = ipv6RouteIn(routes, 'main', destination)
  return main === undefined || leadsAlike(found.route, main) ? undefined : found.route.text
}

function isUsual(rule: PolicyRule): boolean {
  return isForAll(rule) && USUAL_TABLES.has(rule.table ?? '')
}

interface Diverted {
  readonly rule: PolicyRule
  readonly way: string
  readonly observed: string
  readonly isUndecided: boolean
}

/** The mark with which a route is looked up; the host's own packet has then the address of its link to the overlay. */
function marking(host: HostSnapshot, { network }: Ipv6Prefix): (flow: Asked['flow']) => Mark {
  const filters = ipv6Filters(host)
  return ({ source = network, destination, inLink }) =>
    markForRoute(filters, ipv6Packet(source, destination, present({ inLink })))
}

/** What each rule takes off its way first. Filters are asked for a mark only where a rule selects by one. */
function* firstDiversions(
  asked: readonly Asked[],
  ipv6: Ipv6State,
  markOf: (flow: Asked['flow']) => Mark,
): Iterable<Diverted> {
  const seen = new Set<PolicyRule>()
  const isByMark = ipv6.rules.some(({ other }) => other.some((word) => word.startsWith('fwmark ')))
  for (const { way, flow: bare } of asked) {
    const flow = { ...bare, mark: isByMark ? markOf(bare) : 0 }
    const found = lookupIpv6(ipv6, flow)
    if (found.kind === 'none' || seen.has(found.rule)) continue
    const observed = diversion(found, ipv6, flow)
    if (observed === undefined) continue
    seen.add(found.rule)
    yield { rule: found.rule, way, observed, isUndecided: isUndecided(found) }
  }
}

function draftOf(
  { rule, way, observed }: Diverted,
  network: string,
  { rules }: Ipv6State,
): Draft<'diverting'> {
  const { priority } = rule
  const before = priorityBefore(rules, priority)
  return {
    code: 'diverting',
    object: named('rule', priority),
    expected: 'table main',
    observed,
    prints: [`${priority}:`],
    shownBy: 'ipv6',
    data: { rule: ruleText(rule), way, network, priority, before },
  }
}

export const check = defineHostCheck({
  id: 'route/ipv6-policy-rule',
  title: 'Policy rules and IPv6 packets of the overlay',
  backends: ['vxlan', 'host-gw'],
  needs: ['ipv6', 'addresses'],
  needsExpected: true,
  findings: {
    diverting: {
      severity: 'critical',
      effect: 'loss',
      unseenByPings: true,
      confidence: 'certain',
      says: 'policy rule "{rule}" on {host} takes IPv6 packets of the overlay ({way}) off the routes of flannel: {observed}',
      fix: 'Put a rule before it: `ip -6 rule add to {network} lookup main priority {before}`; make it lasting where the other rule comes from.',
      heal: [
        run(
          'ip -6 rule add to {network} lookup main priority {before}',
          'the routes of flannel are asked first',
          'ip -6 rule del to {network} lookup main priority {before}',
        ),
      ],
    },
  },
  *evaluate({ host, facts, expected, cluster: { snapshot } }): Generator<Draft<'diverting'> | Unsure> {
    const { ipv6, addresses } = facts
    const { ipv6: second, externalLink, config } = expected
    const found = snapshot.hosts.get(host)
    if (second === undefined || found === undefined || ipv6.rules.every(isUsual)) return
    const bridge = ipv6Bridge(addresses, second)
    const outer = second.link?.name ?? externalLink?.name
    const ends = { own: second.subnet, ...present({ bridge, outer }) }
    const network = config.ipv6Network ?? printedIpv6Network(second.subnet)
    const asked = second.routes.flatMap(({ peer }) => askedFor(peer, ends))
    for (const one of firstDiversions(asked, ipv6, marking(found, second.subnet)))
      if (one.isUndecided) yield { unsure: `${one.observed}: ${ruleText(one.rule)}` }
      else yield draftOf(one, network, ipv6)
  },
})
