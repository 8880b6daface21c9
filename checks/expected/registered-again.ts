/**
 * A node that was deleted and registered again under its running flanneld: the annotations went with the former object,
 * and flanneld writes them only when it starts (flannel `pkg/subnet/kube/kube.go`, `AcquireLease`).
 */
import type { FlanneldProcess } from '../model/daemon.ts'
import type { KubernetesNode } from '../model/node.ts'
import type { ClusterSnapshot, HostName, HostSnapshot } from '../model/snapshot.ts'
import { clusterIdentity } from './cluster-identity.ts'
import { flanneldFor } from './flanneld-options.ts'

/** Clocks of nodes and API server differ by less. */
const TOLERANCE_SECONDS = 5

export interface RegisteredAgain {
  readonly node: KubernetesNode
  readonly process: FlanneldProcess
  /** Seconds by which flanneld is older. */
  readonly olderBy: number
}

/** Seconds since 1970 by the host's own clock, else by ours. */
function clockOf({ kernel }: HostSnapshot['facts'], { window }: ClusterSnapshot): number {
  return (kernel.known ? kernel.value.clockSeconds : undefined) ?? window.to / 1000
}

/** The node without annotations that is younger than the flanneld of its host; undefined where it is not so or not known. */
export function registeredAfter(snapshot: ClusterSnapshot, host: HostName): RegisteredAgain | undefined {
  const node = clusterIdentity(snapshot).nodeByHost.get(host)
  const facts = snapshot.hosts.get(host)?.facts
  if (node?.createdAt === undefined || !facts?.flanneld.known) return undefined
  const process = flanneldFor(facts.flanneld.value, undefined)
  if (process?.ageSeconds === undefined || node.annotations.managed === 'true') return undefined
  const startedAt = clockOf(facts, snapshot) - process.ageSeconds
  const olderBy = Math.round(node.createdAt - startedAt)
  return olderBy > TOLERANCE_SECONDS ? { node, process, olderBy } : undefined
}
