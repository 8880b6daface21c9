/**
 * The same ping as large as the links of both ends take. Small packets arrive over many paths that lose large ones:
 * a smaller MTU on the way, a filter of fragments, an underlay that drops what flannel wraps.
 */

import { isExpected } from '../../checks/expected/expected.ts'
import { expectedHost } from '../../checks/expected/expected-host.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { containerAt } from '../../checks/trace/endpoint.ts'
import type { Endpoint } from '../../checks/trace/trace.ts'
import type { Pair } from '../../checks/trace/walk.ts'
import type { ReportTrace } from '../../reports/report.ts'

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

/** The traces of large packets that were lost where small ones arrive: each says so. */
export function ofLargePackets(traces: readonly ReportTrace[]): readonly ReportTrace[] {
  return traces.map((trace) => ({
    ...trace,
    says: `small packets arrive, those of ${trace.ping.size} bytes do not: ${trace.says}`,
  }))
}

/** The traces of a packet that was asked to be larger than the links of its own ends take: nothing has to carry it. */
export function ofOversize(traces: readonly ReportTrace[], endsTake: number): readonly ReportTrace[] {
  return traces.map((trace) => ({
    ...trace,
    endsTake,
    says: `${trace.ping.size} bytes are more than the ${endsTake} that the links of these ends take, which is no fault of the network: ${trace.says}`,
  }))
}
