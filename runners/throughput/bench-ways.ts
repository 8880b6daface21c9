/** From the ends of a pair to the ways between them, and who runs what where. */

import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { containerAt } from '../../checks/trace/endpoint.ts'
import type { Endpoint } from '../../checks/trace/trace.ts'
import type { Pair } from '../../checks/trace/walk.ts'
import type { ThroughputEnd } from '../../reports/throughput/throughput.ts'
import { insideNetwork } from '../hosts/command/inside-network.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { namespacePath } from '../inventory/namespace.ts'
import { underlayEnd } from './bench-pairs.ts'
import type { BenchPair } from './measure-pair.ts'
import type { Way } from './measure-tcp.ts'
import type { Side } from './side.ts'

/** What the ways are made of. */
export interface Ground {
  readonly snapshot: ClusterSnapshot
  readonly inventory: Inventory
  /** Every host in its own network, by name. */
  readonly sides: ReadonlyMap<string, Side>
}

function sideOf(end: Endpoint, { snapshot, inventory, sides }: Ground): Side | string {
  const host = sides.get(end.host)
  const target = inventory.hosts.find(({ name }) => name === end.host)
  if (host === undefined || target === undefined) return `${end.host} is not in the inventory`
  if (end.container === undefined) return host
  const container = containerAt(snapshot, end)
  const path = container && namespacePath(target, container)
  if (path === undefined) return `the network namespace of ${end.host}/${end.container} is not known`
  return { ...host, runner: insideNetwork(host.runner, { path }) }
}

function overlayWay({ from, to }: Pair, ground: Ground): Way | string {
  const source = sideOf(from, ground)
  const target = sideOf(to, ground)
  if (typeof source === 'string') return source
  if (typeof target === 'string') return target
  return { kind: 'overlay', source, target, address: to.address, bind: to.address }
}

function underlayWay({ from, to }: Pair, ground: Ground): Way | string {
  const end = underlayEnd(ground.snapshot, to.host)
  if (typeof end === 'string') return end
  const source = ground.sides.get(from.host)
  const target = ground.sides.get(to.host)
  if (source === undefined || target === undefined)
    return `${from.host} or ${to.host} is not in the inventory`
  return { kind: 'underlay', source, target, ...end }
}

function shown({ host, container }: Endpoint): ThroughputEnd {
  return { host, ...present({ container }) }
}

/** A pair with its ways, and why one is not there. */
export function benchPair(pair: Pair, ground: Ground): BenchPair {
  const overlay = overlayWay(pair, ground)
  const underlay = underlayWay(pair, ground)
  return {
    from: shown(pair.from),
    to: shown(pair.to),
    ways: [overlay, underlay].filter((way) => typeof way !== 'string'),
    missing: [
      ...(typeof overlay === 'string' ? [{ way: 'overlay' as const, problem: overlay }] : []),
      ...(typeof underlay === 'string' ? [{ way: 'underlay' as const, problem: underlay }] : []),
    ],
  }
}
