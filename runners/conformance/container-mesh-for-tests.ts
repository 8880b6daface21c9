/** Every container to every other one, both ways, small and as large as both allow: what the end-to-end tests send. */
import type { PingObservation } from '../../checks/model/observation.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { type ContainerEnd, endsOf } from '../probe/ends.ts'
import { type PlannedPing, SMALL } from '../probe/planned-ping.ts'
import { sendPings } from '../probe/send.ts'
import type { CollectionSettings } from '../run/collecting/collect-cluster.ts'

/** Requests per path. */
const COUNT = 3

interface Placed extends ContainerEnd {
  readonly host: string
}

function pingsBetween(source: Placed, target: Placed): PlannedPing[] {
  const base = {
    pattern: 'cc',
    from: { host: source.host, container: source.name },
    to: { host: target.host, container: target.name },
    address: target.address,
    source,
  } as const
  const size = Math.min(source.mtu, target.mtu)
  return [
    { ...base, size: SMALL, full: false },
    { ...base, size, full: true },
  ]
}

/** What each ping saw; empty when there are no two containers. */
export async function pingContainerMesh(
  snapshot: ClusterSnapshot,
  inventory: Inventory,
  { concurrency, signal }: CollectionSettings,
): Promise<readonly PingObservation[]> {
  const containers = [...snapshot.hosts.values()].flatMap((host): Placed[] =>
    (endsOf(snapshot, host).ends?.containers ?? []).map((end) => ({ ...end, host: host.host })),
  )
  const planned = containers.flatMap((source) =>
    containers.filter((target) => target !== source).flatMap((target) => pingsBetween(source, target)),
  )
  const { observations } = await sendPings(planned, COUNT, { targets: inventory.hosts, concurrency, signal })
  return observations
}
