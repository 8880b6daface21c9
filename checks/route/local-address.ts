// Table local is asked before main: a packet for an address that the host itself holds never reaches the bridge
// (Linux net/ipv4/fib_rules.c). kube-ipvs0, keepalived or a leftover address on lo can hold the address of a
// container; pings are then answered by the host, everything else vanishes in INPUT. flannel does not look.

import { defineHostCheck } from '../define.ts'
import { namespaceOf } from '../expected/bridge-port.ts'
import { knownValue } from '../expected/observed-host.ts'
import { run } from '../heal/steps.ts'
import { containsAddress } from '../model/address.ts'
import type { Container } from '../model/container-bridge.ts'
import { isUp, type Link, type LinkAddress } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { Route } from '../model/route.ts'
import { kindsIn } from '../model/table-kind.ts'
import { byNetwork } from '../model/table-lookup.ts'

const key = ({ link, address }: LinkAddress): string => `${link} ${address}`

/** A container without a network namespace of its own shows the addresses of its host. */
function sharesHost({ addresses }: Container, onHost: ReadonlySet<string>): boolean {
  return addresses.some((address) => onHost.has(key(address)))
}

interface Observed {
  readonly addresses: readonly LinkAddress[]
  readonly routes: readonly Route[]
  readonly links: readonly Link[]
}

const ofType = kindsIn<Route>(byNetwork, ({ type }) => type)

/** Addresses of links that are up without the route that the kernel writes beside each, in whatever table (a VRF has its own). */
function unrouted(
  { addresses, routes, links }: Observed,
  isOfNetwork: (address: number) => boolean,
): readonly LinkAddress[] {
  const local = new Set(ofType(routes, 'local').map(({ destination }) => destination.address))
  const up = new Set(links.flatMap((link) => (isUp(link) ? [link.name] : [])))
  const isMissing = ({ link, prefix, scope }: LinkAddress): boolean =>
    prefix !== undefined &&
    scope !== 'host' &&
    up.has(link) &&
    isOfNetwork(prefix.address) &&
    !local.has(prefix.address)
  // A list without any local route is not the whole of it.
  return local.size === 0 ? [] : addresses.filter(isMissing)
}

/** Addresses of the container that the host has as well: those of a bridge are gateways, which the host has by right. */
function* heldTwice(
  container: Container,
  byAddress: ReadonlyMap<string, LinkAddress>,
  bridges: ReadonlySet<string>,
) {
  for (const { address, family, scope, link: inner, length: inside } of container.addresses) {
    const own = family === 'inet' && scope !== 'host' ? byAddress.get(address) : undefined
    if (own === undefined) continue
    const code = bridges.has(own.link) && own.length < 32 ? 'gateway-taken' : 'captured'
    const data = { container: container.name, link: own.link, length: own.length, inner, inside }
    yield {
      code,
      object: named('container', container.name),
      observed: address,
      data: { ...data, ...namespaceOf(container) },
    } as const
  }
}

export const check = defineHostCheck({
  id: 'route/local-address',
  title: 'Container addresses held by the host',
  backends: 'any',
  needs: ['addresses', 'containers', 'routes', 'links'],
  needsExpected: false,
  findings: {
    captured: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'address {observed} of container {container} is also an address of {host} itself, on {link}: packets for the container end at the host',
      fix: 'Remove it: `ip addr del {observed}/{length} dev {link}`, and find what adds it (a service range or virtual address inside the flannel network).',
      heal: [
        run(
          'ip addr del {observed}/{length} dev {link}',
          'the address belongs to the container alone',
          'ip addr add {observed}/{length} dev {link}',
        ),
      ],
    },
    'gateway-taken': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'container {container} on {host} has {observed} as well, the address of {link} and the gateway of the others: which of the two gets their packets is chance',
      fix: 'Take it from the container: `ip addr del {observed}/{inside} dev {inner}` in its namespace, and find who gave it (a static address, `docker run --ip`).',
      heal: [
        run(
          'nsenter --net={namespace} ip addr del {observed}/{inside} dev {inner}',
          'the bridge alone has its address',
        ),
      ],
      explains: [
        { code: 'path/route:captured', when: 'same-host' },
        { code: 'path/neighbour:*', when: 'same-host' },
      ],
    },
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has {address} on {link}, but no route takes it for local: it answers neither ARP requests nor packets for it',
      fix: 'Put the route back: `ip route add local {address} dev {link} table local`, or take the address away and add it again.',
      heal: [
        run(
          'ip route add local {address} dev {link} table local',
          'the host takes packets for that address',
          'ip route del local {address} dev {link} table local',
        ),
      ],
    },
  },
  *evaluate({ facts: { addresses, containers, routes, links }, cluster: { snapshot, hostByPublicIp } }) {
    const network = knownValue(snapshot.datastore.config)?.network
    const isOfNetwork = (address: number): boolean =>
      hostByPublicIp.has(address) || (network !== undefined && containsAddress(network, address))
    for (const { link, address } of unrouted({ addresses, routes, links }, isOfNetwork)) {
      const data = { address, link }
      yield { code: 'missing', object: named('route', `local ${address}`), observed: 'not present', data }
    }
    const onHost = new Set(addresses.map(key))
    const byAddress = new Map(addresses.map((one) => [one.address, one]))
    const bridges = new Set(links.flatMap(({ name, kind }) => (kind === 'bridge' ? [name] : [])))
    for (const container of containers) {
      if (sharesHost(container, onHost)) continue
      yield* heldTwice(container, byAddress, bridges)
    }
  },
})
