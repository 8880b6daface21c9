/**
 * A container answers peers through the container bridge: FLANNEL_SUBNET names the bridge's
 * address (flannel `pkg/subnet/subnet.go`, `WriteSubnetFile`), and Docker and the bridge plugin
 * make that the container's default gateway. flannel itself does nothing inside containers.
 */

import { defineHostCheck } from '../define.ts'
import { subnetBridge } from '../expected/bridge-link.ts'
import { attachedTo, attachments, namespaceOf } from '../expected/bridge-port.ts'
import { dockerOption } from '../expected/docker-option.ts'
import { run } from '../heal/steps.ts'
import { maskPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

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
  *evaluate({ facts, expected }) {
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
      const finding = {
        object: named('container', container.name),
        expected: first,
        data: { container: container.name, ...namespaceOf(container) },
      }
      if (container.gateway === undefined) yield { ...finding, code: 'missing', observed: 'no default route' }
      else yield { ...finding, code: 'wrong', observed: container.gateway }
    }
  },
})
