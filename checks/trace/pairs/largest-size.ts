/** The largest packet that a pair of ends may send. */
import { knownValue } from '../../expected/observed-host.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { containerAt } from '../endpoint.ts'
import type { Endpoint } from '../trace.ts'
import type { Pair } from '../walk.ts'
import type { HostPair } from './pairs.ts'

function linkMtu(snapshot: ClusterSnapshot, end: Endpoint): number | undefined {
  const container = containerAt(snapshot, end)
  const link = container?.addresses.find(({ address }) => address === end.address)?.link
  return container?.links.find(({ name }) => name === link)?.mtu
}

function writtenMtu(snapshot: ClusterSnapshot, host: string): number | undefined {
  const found = snapshot.hosts.get(host)
  return found && knownValue(found.facts.subnetEnv)?.mtu
}

/** The largest packet that flannel promised to carry and both ends' links take; undefined where that is not known. */
export function largestSize(
  snapshot: ClusterSnapshot,
  { from, to }: HostPair,
  pair: Pair,
): number | undefined {
  const written = [from.name, to.name].map((name) => writtenMtu(snapshot, name))
  const links = [pair.from, pair.to].map((end) => linkMtu(snapshot, end))
  // Containers send what they were given, whatever has become of the underlay since.
  const isGiven = [...written, ...links].every((mtu) => mtu !== undefined)
  const promised = [...written, ...links, ...(isGiven ? [] : [from.mtu, to.mtu])]
  const known = promised.filter((mtu) => mtu !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
