/**
 * The same ping as large as the links of both ends take. Small packets arrive over many paths that lose large ones:
 * a smaller MTU on the way, a filter of fragments, an underlay that drops what flannel wraps.
 */

import { isExpected } from '../../expected/expected.ts'
import { expectedHost } from '../../expected/expected-host.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { containerAt } from '../endpoint.ts'
import type { Endpoint } from '../trace.ts'
import type { Pair } from '../walk.ts'

/** MTU of the link that has the address of a container, FLANNEL_MTU for a host, bytes. */
function mtuAt(snapshot: ClusterSnapshot, end: Endpoint): number | undefined {
  if (end.container === undefined) {
    const expected = expectedHost(snapshot, end.host)
    return isExpected(expected) ? expected.subnetEnv.mtu : undefined
  }
  const container = containerAt(snapshot, end)
  const link = container?.addresses.find(({ address }) => address === end.address)?.link
  return container?.links.find(({ name }) => name === link)?.mtu
}

/** The largest IP packet that both ends' links take, bytes; undefined where one of them is not known. */
export function fullSize(snapshot: ClusterSnapshot, { from, to }: Pair): number | undefined {
  const [near, far] = [mtuAt(snapshot, from), mtuAt(snapshot, to)]
  return near === undefined || far === undefined ? undefined : Math.min(near, far)
}
