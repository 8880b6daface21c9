/**
 * A container answers peers through the container bridge: FLANNEL_SUBNET names the bridge's
 * address (flannel `pkg/subnet/subnet.go`, `WriteSubnetFile`), and Docker and the bridge plugin
 * make that the container's default gateway. flannel itself does nothing inside containers.
 */

import type { Evidence } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { gatewaysOn, subnetBridge } from '../expected/bridge-link.ts'
import { type Attachment, attachedTo, attachments, namespaceOf } from '../expected/bridge-port.ts'
import { dockerOption } from '../expected/docker-option.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { routeLookup } from '../expected/route-lookup.ts'
import { run } from '../heal/steps.ts'
import { containsAddress, formatAddress, formatPrefix, maskPrefix, networkAddress } from '../model/address.ts'
import type { Container } from '../model/container-bridge.ts'
import { named } from '../model/named.ts'
import type { Route } from '../model/route.ts'
import type { Source } from '../model/snapshot.ts'

/** Routes of a container stand among much else that is asked of it; this shows them alone. */
function gatewayProof(
  source: Source,
  { namespace, found }: { readonly namespace?: string; readonly found: string },
  expected: string,
): { readonly evidence?: readonly Evidence[] } {
  if (namespace === undefined) return {}
  const command = `nsenter --net=${namespace} ip route show default`
  const excerpt = `expected default via ${expected}; found ${found}`
  return { evidence: [{ source: { ...source, command }, excerpt, derived: true }] }
}

function isDefault({ destination, type, table }: Route): boolean {
  return destination.length === 0 && type === 'unicast' && table === 'main'
}

/** Numbers of the policy rules that every network has. */
const USUAL_RULES = new Set([0, 32_766, 32_767])

/** The route by which a container sends to other hosts, where nothing but its main table decides. */
function wayToPeers({ network }: Container, { peers: [peer] }: ExpectedHost): Route | undefined {
  if (network === undefined || peer === undefined) return undefined
  if (network.rules.some(({ priority }) => !USUAL_RULES.has(priority))) return undefined
  return routeLookup(network.routes)(networkAddress(peer.lease.subnet) + 2)
}

/** True where a route of its own, as the flannel CNI plugin gives to pods, leads a container to its peers by a gateway of its bridge. */
function reachesPeers(container: Container, expected: ExpectedHost, gateways: readonly string[]): boolean {
  const gateway = wayToPeers(container, expected)?.gateway
  return gateway !== undefined && gateways.includes(formatAddress(gateway))
}

/** A container that sends to other hosts by another of its networks, or from an address that is not of its subnet. */
function* ownWay(
  { container, link }: Pick<Attachment, 'container' | 'link'>,
  expected: ExpectedHost,
  gateway: string,
) {
  const out = wayToPeers(container, expected)
  if (out?.type !== 'unicast') return
  const network = formatPrefix(maskPrefix(expected.config.network))
  const data = { container: container.name, network, inner: link.name, ...namespaceOf(container) }
  const object = named('container', container.name)
  const subnet = maskPrefix(expected.lease.subnet)
  if (out.link !== link.name) {
    if (out.link === undefined || container.links.length < 2) return
    yield { code: 'by-other-network' as const, object, expected: gateway, observed: out.link, data }
  } else if (out.source !== undefined && out.gateway !== undefined && !containsAddress(subnet, out.source)) {
    const route = formatPrefix(out.destination)
    const observed = formatAddress(out.source)
    const more = { ...data, route, gateway }
    yield { code: 'other-source' as const, object, expected: formatPrefix(subnet), observed, data: more }
  }
}

/** Its default route takes everybody for a neighbour. */
function isOnLink({ gateway, network }: Container): boolean {
  return gateway === undefined && network?.routes.some(isDefault) === true
}

/** Its default gateway as a person sees it. */
function gatewaySeen(container: Container): string {
  if (isOnLink(container)) return 'none, as its default route takes all for neighbours'
  return container.gateway ?? 'no default route'
}

function routeSeen(container: Container): string {
  if (isOnLink(container)) return 'a default route without a gateway'
  return container.gateway === undefined ? 'no default route' : `default via ${container.gateway}`
}

/** What is wrong with the default route of a container with a single network; undefined where nothing is. */
function gatewayProblem(container: Container, expected: ExpectedHost, gateways: readonly string[]) {
  const { gateway, links, problem } = container
  // With several interfaces the default route may rightly leave by another one.
  if (problem !== undefined || links.length > 1) return undefined
  if (gateway !== undefined && gateways.includes(gateway)) return undefined
  const isReached = reachesPeers(container, expected, gateways)
  if (isReached) return gateway === undefined ? 'overlay-only' : undefined
  return gateway === undefined && !isOnLink(container) ? 'missing' : 'wrong'
}

const TOLD_FIX =
  'dockerd gives this gateway to every container (--default-gateway), and nothing on the bridge has the address: start dockerd without the option and create the containers again, or in the namespace of the container: `ip route replace default via {expected}`.'

export const check = defineHostCheck({
  id: 'bridge/container-gateway',
  title: 'Default gateway of containers',
  backends: 'any',
  needs: ['links', 'addresses', 'containers', 'docker'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'container {container} on {host} has no default route: it hears its peers but cannot answer',
      fix: 'Create the container again, or add the route in its namespace: `ip route add default via {expected}`.',
      heal: [
        run(
          'nsenter --net={namespace} ip route replace default via {expected}',
          'the container answers its peers',
        ),
      ],
    },
    'overlay-only': {
      severity: 'warning',
      confidence: 'certain',
      says: 'container {container} on {host} has no default route, only one to the network: it reaches its peers, and neither services nor anything beyond',
      fix: 'Nothing, if it is to reach nothing else; else create the container again with isDefaultGateway in the CNI configuration, or add the route in its namespace: `ip route add default via {expected}`.',
      heal: [
        run(
          'nsenter --net={namespace} ip route replace default via {expected}',
          'the container reaches what is beyond the network',
        ),
      ],
    },
    wrong: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'container {container} on {host} has the default gateway {observed}, which is not an address of its bridge ({expected})',
      fix: 'Create the container again, or in its namespace: `ip route replace default via {expected}`.',
      heal: [
        run(
          'nsenter --net={namespace} ip route replace default via {expected}',
          'the container answers its peers',
        ),
      ],
    },
    'by-other-network': {
      severity: 'warning',
      confidence: 'certain',
      says: 'container {container} on {host} sends to its peers by {observed}, its link in another network: they see an address that is not its own, or its answers are lost',
      fix: 'Give the container a route to {network} by its bridge: `ip route add {network} via {expected}` in its namespace. Of several networks Docker takes the default route of the one with the highest --gw-priority (Docker 28), else of the first by name.',
      heal: [
        run(
          'nsenter --net={namespace} ip route replace {network} via {expected} dev {inner}',
          'the container sends to its peers by its bridge',
        ),
      ],
      explains: [{ code: 'netfilter/container-masquerade:hides-source', when: 'same-host' }],
    },
    'other-source': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'likely',
      says: 'container {container} on {host} sends to its peers from {observed} (src of its route {route}), outside the subnet {expected}: the answers are for an address that nobody routes to it',
      fix: 'Write the route without that source in the namespace of the container: `ip route replace {route} via {gateway} dev {inner}`.',
      heal: [
        run(
          'nsenter --net={namespace} ip route replace {route} via {gateway} dev {inner}',
          'the container sends from its address of the subnet',
        ),
      ],
      explains: [{ code: 'netfilter/container-masquerade:hides-source', when: 'same-host' }],
    },
  },
  *evaluate({ facts, expected, sources }) {
    const { links, containers, docker } = facts
    const bridge = subnetBridge({ ...facts, subnet: maskPrefix(expected.lease.subnet) })
    const told = dockerOption(docker, 'default-gateway')
    const [first, ...more] = gatewaysOn(bridge, facts, told)
    if (bridge === undefined || first === undefined) return
    for (const { container, link } of attachedTo(bridge, attachments(links, containers))) {
      yield* ownWay({ container, link }, expected, first)
      const code = gatewayProblem(container, expected, [first, ...more])
      if (code === undefined) continue
      const place = namespaceOf(container)
      const finding = {
        object: named('container', container.name),
        expected: first,
        data: { container: container.name, ...place },
        ...gatewayProof(sources.containers, { found: routeSeen(container), ...place }, first),
      }
      const fix = code === 'wrong' && container.gateway === told ? { fix: TOLD_FIX } : {}
      yield { ...finding, ...fix, code, observed: gatewaySeen(container) }
    }
  },
})
