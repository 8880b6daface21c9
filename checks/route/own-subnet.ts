// flannel adds no route for the host's own subnet: the container bridge does, by having
// FLANNEL_SUBNET as its address. With two links that have it (Docker's docker0 and the cni0 of
// flannel's CNI plugin read the same subnet.env) there are two equal routes; the kernel takes the
// first in the table, even when that link has no carrier (Linux net/ipv4/fib_semantics.c,
// fib_table_lookup with ignore_routes_with_linkdown=0). The bridge address itself still answers.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { run } from '../heal/steps.ts'
import { containsPrefix, formatPrefix, maskPrefix, type Prefix } from '../model/address.ts'
import { isUp, type Link, type LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { coveringRoute, indexRoutes, type RouteIndex, routesTo } from '../trace/lookup/route-lookup.ts'
import { routeText } from '../trace/text/route-text.ts'

/** Links that are up and have an address with the subnet's own length in it, so that the kernel owes them a route. */
function bridges(subnet: Prefix, links: readonly Link[], addresses: readonly LinkAddress[]): string[] {
  const up = new Set(links.filter(isUp).map(({ name }) => name))
  return addresses
    .filter(
      ({ link, prefix }) =>
        up.has(link) && prefix?.length === subnet.length && containsPrefix(subnet, prefix),
    )
    .map(({ link }) => link)
}

/**
 * How the route that wins goes away: with the bridge that a subnet address gave it, unless containers hang on it, who would
 * lose their network; else alone, its link untouched.
 */
function removal(winner: string, owners: readonly string[], links: readonly Link[]) {
  if (owners.includes(winner) && links.some(({ master }) => master === winner)) return IN_USE
  return owners.includes(winner) ? {} : OF_NO_ADDRESS
}

/** What is said in place of the usual fix. */
type Removal = Required<Pick<Draft<'ambiguous'>, 'fix' | 'heal'>>

const IN_USE: Removal = {
  fix: 'Containers hang on {winner}, so it stays: mend what made {losers} (the `bridge` of a CNI configuration, a second engine), create the containers on {losers} again, and remove {losers}.',
  heal: [],
}

const OF_NO_ADDRESS: Removal = {
  fix: 'Remove the route on {winner}, which no address of {winner} gave it: `ip route del {subnet} dev {winner}`, and find what wrote it (`ip -d route show root {subnet}` shows the protocol).',
  heal: [run('ip route del {subnet} dev {winner}', 'the containers get their packets again')],
}

/** Links with a unicast route to exactly this subnet, the one the kernel uses first. */
function claimants(index: RouteIndex, subnet: Prefix): string[] {
  const routes = routesTo(index, subnet).filter(({ type }) => type === 'unicast')
  return [...new Set(routes.flatMap(({ link }) => link ?? []))]
}

export const check = defineHostCheck({
  id: 'route/own-subnet',
  title: 'Route to the own subnet',
  backends: 'any',
  needs: ['routes', 'links', 'addresses'],
  needsExpected: true,
  findings: {
    ambiguous: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has {count} routes to its own subnet {subnet}, on {links}; the kernel uses {winner}: containers on {losers} get no packets although their gateway answers',
      fix: 'Keep one link for {subnet}. If the containers are on {losers}, stop the program that made {winner} and run `ip link del {winner}`; a second bridge needs a subnet of its own.',
      heal: [run('ip link del {winner}', 'the containers on {losers} get their packets again')],
      explains: [{ code: 'bridge/link:down', when: 'same-host' }],
    },
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{link} on {host} has an address of {subnet} but {host} has no route to it; the kernel takes: {observed}',
      fix: 'Put the route back: `ip route add {subnet} dev {link}`, or restart Docker on {host}.',
      heal: [run('ip route replace {subnet} dev {link}', 'the route is back')],
    },
  },
  *evaluate({ facts, expected }) {
    const subnet = maskPrefix(expected.lease.subnet)
    const index = indexRoutes(facts.routes)
    const text = formatPrefix(subnet)
    const links = claimants(index, subnet)
    const [winner = '', ...losers] = links
    const claiming = bridges(subnet, facts.links, facts.addresses)
    if (links.length > 1) {
      const data = {
        subnet: text,
        count: links.length,
        links: links.join(' and '),
        winner,
        losers: losers.join(', '),
      }
      yield {
        code: 'ambiguous',
        ...removal(winner, claiming, facts.links),
        object: named('route', text),
        expected: 'one link',
        observed: links.join(', '),
        outLinks: [winner],
        data,
      }
    }
    const owners = claiming.filter((link) => link !== expected.link?.name)
    const [link] = owners
    if (link === undefined || owners.some((owner) => links.includes(owner))) return
    const observed = routeText(coveringRoute(index, subnet))
    yield {
      code: 'missing',
      object: named('route', text),
      expected: `${text} dev ${link}`,
      observed,
      data: { subnet: text, link },
    }
  },
})
