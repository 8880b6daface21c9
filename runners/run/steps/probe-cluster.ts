/**
 * `--probe`: plan, ping, ask again where some answers were missing, measure the path MTU where large packets are lost,
 * ask the overlay's UDP port where nothing came through, try TCP and UDP where pings are answered, and ping by IPv6 where
 * flannel carries it.
 */

import type { Observation, PingObservation } from '../../../checks/model/observation.ts'
import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import type { CommandRecord } from '../../collect/collect.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { plannedConnections } from '../../probe/connection/planned-connections.ts'
import { tryConnections } from '../../probe/connection/try-connections.ts'
import { planIpv6, sendIpv6 } from '../../probe/ipv6-ping.ts'
import { measurePathMtu } from '../../probe/path-mtu.ts'
import { planProbes } from '../../probe/plan.ts'
import type { PlannedPing } from '../../probe/planned-ping.ts'
import { type SendSettings, sendPings } from '../../probe/send.ts'
import { askPorts, unprovenPorts } from '../../probe/tunnel-port.ts'
import type { CollectedCluster, CollectionSettings } from '../collecting/collect-cluster.ts'
import { isInNamespace } from '../judging/selection.ts'

/** Requests per path, 20 ms apart. */
const COUNT = 3
/** Requests where some of the first were not answered: flannel before v0.9.0 may lose the packet that makes it look up a neighbour. */
const COUNT_AGAIN = 10

/** What is probed of a network. */
export interface ProbeChoice {
  /** Of pods only those of that namespace. */
  readonly namespace?: string | undefined
  /** Another turn takes other pairs of a mesh that is sampled. */
  readonly turn?: number
}

function isPartial({ sent, received }: PingObservation): boolean {
  return received > 0 && received < sent
}

/** Sends again what lost some but not all, and takes the second answer. */
async function confirmed(
  first: readonly PingObservation[],
  planned: readonly PlannedPing[],
  settings: SendSettings,
): Promise<{ readonly pings: readonly PingObservation[]; readonly commands: readonly CommandRecord[] }> {
  const places = [...first.keys()].filter((at) => isPartial(first[at] as PingObservation))
  if (places.length === 0) return { pings: first, commands: [] }
  const again = await sendPings(
    places.map((at) => planned[at] as PlannedPing),
    COUNT_AGAIN,
    settings,
  )
  const pings = [...first]
  for (const [index, at] of places.entries()) {
    const second = again.observations[index]
    if (second !== undefined && second.problem === undefined) pings[at] = second
  }
  return { pings, commands: again.commands }
}

/** The cluster with the pods of one namespace alone; containers that are no pods' stay. */
function ofNamespace(snapshot: ClusterSnapshot, namespace: string | undefined): ClusterSnapshot {
  if (namespace === undefined) return snapshot
  const hosts = [...snapshot.hosts].map(([name, host]) => {
    const { containers } = host.facts
    if (!containers.known) return [name, host] as const
    const value = containers.value.filter((one) => isInNamespace(one.name, namespace))
    return [name, { ...host, facts: { ...host.facts, containers: { ...containers, value } } }] as const
  })
  return { ...snapshot, hosts: new Map(hosts) }
}

/**
 * A collected cluster with what probes saw. Never rejects for a host's sake: what could not be
 * sent is in the observations. Only hosts of the inventory send and are sent to.
 */
export async function probeCluster(
  collected: CollectedCluster,
  inventory: Inventory,
  { concurrency, signal, show, namespace, turn }: CollectionSettings & ProbeChoice,
): Promise<CollectedCluster> {
  const settings: SendSettings = { targets: inventory.hosts, concurrency, signal, ...present({ show }) }
  const chosen = ofNamespace(collected.snapshot, namespace)
  const { pings: planned, ports, summary } = planProbes(chosen, turn)
  const first = await sendPings(planned, COUNT, settings)
  const { pings, commands: again } = await confirmed(first.observations, planned, settings)
  const further = await Promise.all([
    measurePathMtu(pings, planned, settings),
    askPorts(unprovenPorts(ports, pings), settings),
    tryConnections(plannedConnections(planned, pings), settings),
    sendIpv6(planIpv6(chosen, turn), settings),
  ])
  const observations: readonly Observation[] = [
    summary,
    ...pings,
    ...further.flatMap((each): readonly Observation[] => each.observations),
  ]
  const commands = [...first.commands, ...again, ...further.flatMap((each) => each.commands)]
  return {
    ...collected,
    snapshot: { ...collected.snapshot, observations },
    commands: [...collected.commands, ...commands],
  }
}
