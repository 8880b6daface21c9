// flannel's routes are ordinary routes of table main: a route to a part of a peer's subnet, an equal
// one with a better metric, an address of this host inside that subnet, or (older designs) any route
// between the network and the subnet wins over them (Linux net/ipv4/fib_trie.c, longest prefix first;
// table local is asked before main). flannel does not look for such routes.

import { defineHostCheck } from '../define.ts'
import type { ExpectedHost, Peer } from '../expected/expected.ts'
import { knownValue } from '../expected/observed-host.ts'
import { dockerClient } from '../heal/restart-daemon.ts'
import { run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { containsAddress, formatPrefix, maskPrefix } from '../model/address.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'
import { otherRoutes, routesToPeers } from '../trace/lookup/other-routes.ts'
import { indexRoutes } from '../trace/lookup/route-lookup.ts'
import { routeText } from '../trace/text/route-text.ts'

/** Routes named in one finding; a leftover bridge alone makes four. */
const SHOWN = 3

/** Addresses of the peer's containers and its bridge; undefined where its containers are not known. */
function addressesOf(peer: Peer, { hosts }: ClusterSnapshot): readonly number[] | undefined {
  const containers = hosts.get(peer.name)?.facts.containers
  if (!containers?.known) return undefined
  const inside = containers.value
    .flatMap(({ addresses }) => addresses)
    .flatMap(({ prefix }) =>
      prefix && containsAddress(peer.lease.subnet, prefix.address) ? [prefix.address] : [],
    )
  return [maskPrefix(peer.lease.subnet).address + 1, ...inside]
}

/** True when the routes take none of the addresses that are in use at the peer, as far as these are known. */
function spareInUse(others: readonly Route[], peer: Peer, snapshot: ClusterSnapshot): boolean {
  const inUse = addressesOf(peer, snapshot)
  return (
    inUse !== undefined &&
    !others.some(({ destination }) => inUse.some((one) => containsAddress(destination, one)))
  )
}

/**
 * The commands that remove the routes; none where one of them belongs to an address or a network of the host, which
 * must go with its owner, and none of a default route.
 */
function removals(others: readonly Route[]): {
  readonly heal?: readonly HealStep[]
  readonly data: Readonly<Record<string, string>>
} {
  const isAlone = ({ type, protocol, destination }: Route): boolean =>
    type !== 'local' && type !== 'broadcast' && protocol !== 'kernel' && destination.length > 0
  if (!others.every(isAlone)) return { data: {} }
  return {
    heal: others.map((_, at) =>
      run(
        `ip route del {other${at}...}`,
        'packets take the route of flannel',
        `ip route add {other${at}...}`,
      ),
    ),
    data: Object.fromEntries(others.map((route, at) => [`other${at}`, routeText(route)])),
  }
}

/** Addresses of this host that make the routes, on links that carry nothing of the network; none where a route has another origin. */
function addressRemoval(
  others: readonly Route[],
  addresses: readonly LinkAddress[],
  { externalLink }: ExpectedHost,
) {
  const links = new Set(others.map(({ link }) => link))
  const makers = addresses.filter(
    ({ prefix, link }) =>
      links.has(link) && prefix && others.some((route) => containsAddress(route.destination, prefix.address)),
  )
  const isMade = others.every(({ protocol, link }) => protocol === 'kernel' && link !== externalLink?.name)
  if (!isMade || makers.length === 0) return undefined
  const words = makers.map(({ address, length, link }) => `${address}/${length} dev ${link}`)
  const heal = words.map((_, at) =>
    run(`ip addr del {own${at}...}`, 'packets take the route of flannel', `ip addr add {own${at}...}`),
  )
  return { heal, data: Object.fromEntries(words.map((text, at) => [`own${at}`, text])) }
}

/** A Docker network is taken away by Docker, which refuses while a container is on it. */
function networkRemoval(others: readonly Route[], docker: Docker | undefined) {
  const bridges = new Set(others.map(({ link }) => link))
  const network = docker?.networks.find(({ bridge }) => bridge === others[0]?.link)
  if (docker === undefined || network === undefined || bridges.size > 1) return undefined
  const command = `${dockerClient(docker)} network rm {network}`
  const effect = 'the network is gone; make it again with a --subnet outside of flannel’s'
  return { heal: [run(command, effect)], data: { network: network.name } }
}

/** Taken away by what made them: Docker, an address, or a person's hand. */
function remedyOf(others: readonly Route[], host: HostSnapshot | undefined, expected: ExpectedHost) {
  if (host === undefined) return removals(others)
  const { docker, addresses } = host.facts
  return (
    networkRemoval(others, knownValue(docker)) ??
    addressRemoval(others, knownValue(addresses) ?? [], expected) ??
    removals(others)
  )
}

export const check = defineHostCheck({
  id: 'route/shadowed',
  title: 'Routes that win over those of flannel',
  backends: ['vxlan', 'host-gw', 'udp'],
  needs: ['routes'],
  needsExpected: true,
  findings: {
    shadowed: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'on {host} another route takes packets for {subnet} of {peer} off {link}: {observed}',
      fix: 'Find out what wrote it (`ip -d route show table all to root {subnet}` shows the protocol) and remove it, or move flannel to another network.',
      explains: [{ code: 'route/reverse-path-filter:strict', when: 'same-pair' }],
    },
  },
  *evaluate({ host, facts, expected, cluster: { snapshot } }) {
    const index = indexRoutes(facts.routes)
    for (const [peer, route] of routesToPeers(expected, facts.routes)) {
      const others = otherRoutes(peer, route, index)
      if (others.length === 0) continue
      const subnet = formatPrefix(maskPrefix(peer.lease.subnet))
      const more = others.length > SHOWN ? ` and ${others.length - SHOWN} more` : ''
      const observed = others.slice(0, SHOWN).map(routeText).join(', ') + more
      const { heal, data: words } = remedyOf(others, snapshot.hosts.get(host), expected)
      const data = { ...words, subnet, link: route.link }
      yield {
        code: 'shadowed',
        ...present({ heal }),
        ...(spareInUse(others, peer, snapshot) && { effect: 'risk' }),
        peer: peer.name,
        object: named('route', subnet),
        expected: `dev ${route.link}`,
        observed,
        outLinks: others.flatMap(({ link }) => link ?? []),
        data,
      }
    }
  },
})
