/**
 * A container answers peers through the container bridge: FLANNEL_SUBNET names the bridge's
 * address (flannel `pkg/subnet/subnet.go`, `WriteSubnetFile`), and Docker and the bridge plugin
 * make that the container's default gateway. flannel itself does nothing inside containers.
 */

import type { Evidence } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { subnetBridge } from '../expected/bridge-link.ts'
import { attachedTo, attachments, namespaceOf } from '../expected/bridge-port.ts'
import { dockerOption } from '../expected/docker-option.ts'
import { run } from '../heal/steps.ts'
import { maskPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'
import { present } from '../model/present.ts'
import type { Source } from '../model/snapshot.ts'

/** Routes of a container stand among much else that is asked of it; this shows them alone. */
function gatewayProof(
  source: Source,
  { namespace, gateway }: { readonly namespace?: string; readonly gateway?: string },
  expected: string,
): { readonly evidence?: readonly Evidence[] } {
  if (namespace === undefined) return {}
  const found = gateway === undefined ? 'no default route' : `default via ${gateway}`
  const command = `nsenter --net=${namespace} ip route show default`
  const excerpt = `expected default via ${expected}; found ${found}`
  return { evidence: [{ source: { ...source, command }, excerpt, derived: true }] }
}

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
  },
  *evaluate({ facts, expected, sources }) {
    const { links, addresses, containers, docker } = facts
    const bridge = subnetBridge({ links, addresses, docker, subnet: maskPrefix(expected.lease.subnet) })
    if (bridge === undefined || dockerOption(docker, 'default-gateway') !== undefined) return
    const gateways = addresses.flatMap(({ link, prefix, address }) =>
      link === bridge.name && prefix ? [address] : [],
    )
    const [first] = gateways
    if (first === undefined) return
    for (const { container } of attachedTo(bridge, attachments(links, containers))) {
      // With several interfaces the default route may rightly leave by another one.
      if (container.problem !== undefined || container.links.length > 1) continue
      if (container.gateway !== undefined && gateways.includes(container.gateway)) continue
      const place = namespaceOf(container)
      const finding = {
        object: named('container', container.name),
        expected: first,
        data: { container: container.name, ...place },
        ...gatewayProof(sources.containers, { ...present({ gateway: container.gateway }), ...place }, first),
      }
      if (container.gateway === undefined) yield { ...finding, code: 'missing', observed: 'no default route' }
      else yield { ...finding, code: 'wrong', observed: container.gateway }
    }
  },
})
