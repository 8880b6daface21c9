/**
 * A container hangs on the bridge by a veth pair: its host end must be a port of the bridge and
 * both ends up. flannel has no part in this; what tears it apart is a network manager that
 * takes over veth links, a second plugin, or a bridge that was made again under running containers.
 */

import { defineHostCheck } from '../define.ts'
import { subnetBridge } from '../expected/bridge-link.ts'
import {
  type Attachment,
  attachedTo,
  attachments,
  detachedFrom,
  namespaceOf,
} from '../expected/bridge-port.ts'
import { run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { maskPrefix } from '../model/address.ts'
import { isUp } from '../model/link.ts'
import { named } from '../model/named.ts'

/** Which end is down; undefined when neither is. */
function downEnd({
  port,
  link,
  container,
}: Attachment): { observed: string; heal: readonly HealStep[] } | undefined {
  const effect = 'the link carries packets'
  if (!isUp(port)) {
    return {
      observed: `${port.name} is set down`,
      heal: [run('ip link set {port} up', effect, 'ip link set {port} down')],
    }
  }
  if (link.flags.includes('UP')) return undefined
  const observed = `${link.name} of container ${container.name} is set down`
  return { observed, heal: [run('nsenter --net={namespace} ip link set {inner} up', effect)] }
}

export const check = defineHostCheck({
  id: 'bridge/port',
  title: 'Ports of the container bridge',
  backends: 'any',
  needs: ['links', 'addresses', 'containers'],
  needsExpected: true,
  findings: {
    detached: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'container {container} on {host} is cut off: its link {port} is not a port of the bridge {bridge}',
      fix: '`ip link set {port} master {bridge}` on {host}, or create the container again; keep network managers off veth links.',
      heal: [run('ip link set {port} master {bridge} up', 'the container is on its bridge again')],
    },
    down: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'container {container} on {host} is cut off: {observed}',
      fix: 'Set the link up: `ip link set {port} up` on {host}, or in the container where its own end is down.',
    },
  },
  *evaluate({ host, facts, expected, cluster }) {
    const { links, addresses, containers } = facts
    const docker = cluster.snapshot.hosts.get(host)?.facts.docker
    const subnet = maskPrefix(expected.lease.subnet)
    const bridge = subnetBridge({ links, addresses, subnet, ...(docker?.known && { docker: docker.value }) })
    if (bridge === undefined) return
    const all = attachments(links, containers)
    for (const { container, port } of detachedFrom(subnet, all, addresses)) {
      const data = { container: container.name, port: port.name, bridge: bridge.name }
      yield {
        code: 'detached',
        object: named('link', port.name),
        expected: `master ${bridge.name}`,
        observed: 'no master',
        data,
      }
    }
    for (const attachment of attachedTo(bridge, all)) {
      const down = downEnd(attachment)
      if (down === undefined) continue
      const { port, container, link } = attachment
      const data = { container: container.name, port: port.name, inner: link.name, ...namespaceOf(container) }
      yield { code: 'down', object: named('link', port.name), expected: 'UP', ...down, data }
    }
  },
})
