/** What following a packet needs of its surroundings: ports of tunnels, namespaces of containers, runners of hosts. */
import { knownValue } from '../../../checks/expected/observed-host.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { containerAt } from '../../../checks/trace/endpoint.ts'
import type { Pair } from '../../../checks/trace/walk.ts'
import type { Runner } from '../../hosts/command/runner.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { namespacePath } from '../../inventory/namespace.ts'
import { DEFAULT_TUNNEL_PORTS, type TunnelPorts } from '../../probe/capture/decoding.ts'
import { namespaceKey } from '../../trace/traced-ping.ts'

/** Ports of FDB entries that are looked for: a tap compares every packet with each. */
const MOST_OWN = 8

/** Ports of the configuration, of every vxlan link there is and of FDB entries that have their own, and the usual ones. */
export function tunnelPorts(snapshot: ClusterSnapshot): TunnelPorts {
  const config = knownValue(snapshot.datastore.config)
  const facts = [...snapshot.hosts.values()].map((host) => host.facts)
  const links = facts.flatMap((one) => knownValue(one.links) ?? [])
  const entries = facts.flatMap((one) => knownValue(one.fdb) ?? [])
  const own = [...new Set(entries.flatMap(({ port }) => port ?? []))].slice(0, MOST_OWN)
  const linkPorts = links.flatMap(({ vxlan }) => (vxlan === undefined ? [] : [vxlan.port]))
  const configured = (backend: string): readonly number[] =>
    config?.backend === backend ? [config.port] : []
  return {
    vxlan: [...new Set([...DEFAULT_TUNNEL_PORTS.vxlan, ...configured('vxlan'), ...linkPorts, ...own])],
    udp: [...new Set([...DEFAULT_TUNNEL_PORTS.udp, ...configured('udp')])],
  }
}

/** Network namespaces of the ends that are containers. */
export function namespacesOf(
  snapshot: ClusterSnapshot,
  { from, to }: Pair,
  inventory: Inventory,
): ReadonlyMap<string, string> {
  const entries = [from, to].flatMap((end) => {
    const target = inventory.hosts.find(({ name }) => name === end.host)
    const container = containerAt(snapshot, end)
    const path = target && container && namespacePath(target, container)
    return path && container ? [[namespaceKey(end.host, container.name), path] as const] : []
  })
  return new Map(entries)
}

export function runnersFor(hosts: ReadonlySet<string>, inventory: Inventory): ReadonlyMap<string, Runner> {
  const targets = inventory.hosts.filter(({ name }) => hosts.has(name))
  return new Map(targets.map((target) => [target.name, makeRunner(target.name, target.via, target)]))
}
